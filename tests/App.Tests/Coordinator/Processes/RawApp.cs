using System.Net;
using System.Net.Sockets;
using Ambrosia.Wire;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>An app byte by byte: connects as the protocol orders, and shows what comes.</summary>
internal sealed class RawApp : IDisposable
{
    private readonly Socket _toCoordinator;
    private readonly Socket _fromCoordinator;

    private RawApp(Socket toCoordinator, Socket fromCoordinator) => (_toCoordinator, _fromCoordinator) = (toCoordinator, fromCoordinator);

    public static async Task<RawApp> ConnectAsync(Node node) => new(await ConnectAsync(node.ReceivePort), await ConnectAsync(node.SendPort));

    public static async Task<Socket> ConnectAsync(int port)
    {
        Socket? connected = null;
        await Eventually.That(
            async () =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 20_000 };
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                    connected = socket;
                    return true;
                }
                catch (SocketException)
                {
                    socket.Dispose();
                    return false;
                }
            },
            () => $"nobody listens on {port}");
        return connected!;
    }

    public void Send(string hex) => _toCoordinator.Send(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public void Send(byte[] bytes) => _toCoordinator.Send(bytes);

    /// <summary>One record: header and payload in hex, as far as the header says.</summary>
    public (RecordHeader Header, string Payload) Record()
    {
        var header = RecordHeader.Read(Bytes(RecordHeader.Size));
        return (header, Convert.ToHexStringLower(Bytes(header.PayloadSize)));
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var n = _fromCoordinator.Receive(bytes.AsSpan(at));
            at += n > 0 ? n : throw new EndOfStreamException("the coordinator closed the connection");
        }

        return bytes;
    }

    public void Dispose()
    {
        _toCoordinator.Dispose();
        _fromCoordinator.Dispose();
    }
}
