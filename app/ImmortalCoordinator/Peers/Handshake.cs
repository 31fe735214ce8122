using System.Net.Sockets;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator.Peers;

/// <summary>What a connection request asks for (protocol, section 9).</summary>
internal enum RequestType
{
    LoadVertex = 0,
    ConnectInitiator = 1,
    ConnectReceiver = 2,
    ConnectInitiatorReverse = 3,
    ConnectReceiverReverse = 4,
    Ping = 5,
}

internal enum ConnectCode
{
    Success = 0,
    VertexNotFound = 1,
    ActiveVertexNotFound = 2,
    VertexEndpointNotFound = 8,
    ServerRecovering = 6,
    ConnectionEstablishFailed = 9,
}

internal sealed record ConnectRequest(RequestType Type, string From, string FromEndpoint, string To, string ToEndpoint, bool KillRemote);

/// <summary>The four streams between two instances, seen from this one.</summary>
internal enum StreamRole
{
    DataOut,
    ControlIn,
    DataIn,
    ControlOut,
}

/// <summary>Reads and writes connection requests, byte for byte as AMBROSIA's coordinators do.</summary>
internal static class Handshake
{
    private const int MaxName = 256;

    public const string DataOutEndpoint = "Ambrosiadataout";
    public const string DataInEndpoint = "Ambrosiadatain";
    public const string ControlOutEndpoint = "Ambrosiacontrolout";
    public const string ControlInEndpoint = "Ambrosiacontrolin";

    /// <summary>The next request on a fresh or re-used connection; null when the other side closed it.</summary>
    /// <exception cref="ProtocolException">The bytes are no request.</exception>
    public static ConnectRequest? Read(Socket socket)
    {
        if (ReadInt(socket, mayEnd: true) is not { } type)
            return null;
        if (type == (int)RequestType.Ping)
            return new ConnectRequest(RequestType.Ping, "", "", "", "", false);
        if (type == (int)RequestType.LoadVertex)
            return new ConnectRequest(RequestType.LoadVertex, ReadString(socket), ReadString(socket), "", "", false);
        if (type is < 0 or > (int)RequestType.Ping)
            throw new ProtocolException($"there is no request type {type}");
        var (from, fromEndpoint, to, toEndpoint) = (ReadString(socket), ReadString(socket), ReadString(socket), ReadString(socket));
        var kill = type is (int)RequestType.ConnectReceiver or (int)RequestType.ConnectReceiverReverse && ReadInt(socket, mayEnd: false) == 1;
        return new ConnectRequest((RequestType)type, from, fromEndpoint, to, toEndpoint, kill);
    }

    public static void Write(Socket socket, ConnectRequest request)
    {
        var bytes = new List<byte>();
        AppendInt(bytes, (int)request.Type);
        foreach (var text in (string[])[request.From, request.FromEndpoint, request.To, request.ToEndpoint])
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            AppendInt(bytes, utf8.Length);
            bytes.AddRange(utf8);
        }

        AppendInt(bytes, request.KillRemote ? 1 : 0);
        SendAll(socket, bytes.ToArray());
    }

    public static void Reply(Socket socket, ConnectCode code)
    {
        var bytes = new List<byte>();
        AppendInt(bytes, (int)code);
        SendAll(socket, bytes.ToArray());
    }

    public static ConnectCode ReadReply(Socket socket) =>
        (ConnectCode)(ReadInt(socket, mayEnd: true) ?? throw new ProtocolException("the peer closed the connection instead of answering"));

    /// <summary>The role that a request gives to <paramref name="me"/>, and the other instance; null when it fits no stream of ours.</summary>
    public static (StreamRole Role, string Peer)? RoleOf(ConnectRequest request, string me)
    {
        var data = request is { FromEndpoint: DataOutEndpoint, ToEndpoint: DataInEndpoint };
        if (!data && request is not { FromEndpoint: ControlOutEndpoint, ToEndpoint: ControlInEndpoint })
            return null;

        // Types 2 and 3: the acceptor is the TO side. Types 4 and 1: it is the FROM side.
        var acceptorIsTo = request.Type is RequestType.ConnectReceiver or RequestType.ConnectInitiatorReverse;
        return acceptorIsTo
            ? request.To == me ? (data ? StreamRole.DataIn : StreamRole.ControlIn, request.From) : null
            : request.From == me ? (data ? StreamRole.DataOut : StreamRole.ControlOut, request.To) : null;
    }

    public static ConnectRequest RequestFor(StreamRole role, string me, string peer, bool killRemote) => role switch
    {
        StreamRole.DataOut => new(RequestType.ConnectReceiver, me, DataOutEndpoint, peer, DataInEndpoint, killRemote),
        StreamRole.ControlOut => new(RequestType.ConnectReceiver, me, ControlOutEndpoint, peer, ControlInEndpoint, killRemote),
        StreamRole.DataIn => new(RequestType.ConnectReceiverReverse, peer, DataOutEndpoint, me, DataInEndpoint, killRemote),
        _ => new(RequestType.ConnectReceiverReverse, peer, ControlOutEndpoint, me, ControlInEndpoint, killRemote),
    };

    public static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[socket.Send(bytes)..];
    }

    private static void AppendInt(List<byte> bytes, int value)
    {
        Span<byte> buffer = stackalloc byte[VarInt.MaxBytes32];
        bytes.AddRange(buffer[..VarInt.Write(buffer, value)]);
    }

    private static string ReadString(Socket socket)
    {
        var length = ReadInt(socket, mayEnd: false)!.Value;
        if (length is < 0 or > MaxName)
            throw new ProtocolException($"illegal name length {length}");
        Span<byte> bytes = stackalloc byte[length];
        for (var at = 0; at < length;)
        {
            var n = socket.Receive(bytes[at..]);
            if (n == 0)
                throw new ProtocolException("the stream ended within a request");
            at += n;
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private static int? ReadInt(Socket socket, bool mayEnd)
    {
        Span<byte> bytes = stackalloc byte[VarInt.MaxBytes32];
        for (var length = 0; length < bytes.Length;)
        {
            if (socket.Receive(bytes.Slice(length, 1)) == 0)
                return mayEnd && length == 0 ? null : throw new ProtocolException("the stream ended within a request");
            length++;
            var used = VarInt.TryRead(bytes[..length], out int value);
            if (used > 0)
                return value;
            if (used < 0)
                break;
        }

        throw new ProtocolException("illegal number in a request");
    }
}
