using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ambrosia.Coordinator.Peers;

/// <summary>Sockets between coordinators: no delay, and a peer that vanished without a word is noticed within five seconds.</summary>
internal static class PeerSocket
{
    /// <summary>An idle stream carries something at least this often.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>A stream that carries nothing for so long is dead, in milliseconds.</summary>
    public const int SilenceLimit = 4000;

    private const int ConnectLimit = 2000;

    /// <summary>A resolver asks its next server only after five seconds (resolv.conf(5)).</summary>
    private const int ResolveLimit = 12_000;

    public static void Tune(Socket socket)
    {
        socket.NoDelay = true;
        socket.SendTimeout = 0;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (!OperatingSystem.IsLinux())
            return;

        // Keep-alive says nothing while data is unacknowledged; this does (tcp(7), TCP_USER_TIMEOUT).
        const int protocolTcp = 6;
        const int userTimeout = 18;
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(value, SilenceLimit);
        socket.SetRawSocketOption(protocolTcp, userTimeout, value);
    }

    /// <summary>Connects within two seconds. The name is resolved each time: a pod that moved has another address.</summary>
    public static Socket Connect(string host, int port, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ResolveLimit);
        var addresses = Dns.GetHostAddressesAsync(host, limit.Token).GetAwaiter().GetResult();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            limit.CancelAfter(ConnectLimit);
            socket.ConnectAsync(addresses, port, limit.Token).AsTask().GetAwaiter().GetResult();

            // On loopback a connect to a free port of the ephemeral range can meet itself (RFC 793, simultaneous open).
            if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
                throw new SocketException((int)SocketError.ConnectionRefused);
            Tune(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Socket Listen(string host, int port, string what)
    {
        IPAddress address;
        try
        {
            address = host is "*" or "0.0.0.0" ? IPAddress.Any : IPAddress.TryParse(host, out var literal) ? literal : Dns.GetHostAddresses(host)[0];
        }
        catch (SocketException error)
        {
            throw new CoordinatorException(
                Codes.Usage, $"The host {host} cannot be resolved: {error.Message}", "--listen names an address of this machine.",
                "Use 127.0.0.1, 0.0.0.0 or the machine's own name.", ExitCodes.NeedsPerson, error);
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(16);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? new CoordinatorException(
                    Codes.PortInUse, $"Port {port} at {host} ({what}) is in use.", "Another program listens there.",
                    $"Stop it (see: ss -ltnp 'sport = :{port}'), or choose another port.")
                : new CoordinatorException(
                    Codes.PortInUse, $"Port {port} at {host} ({what}) cannot be listened on: {error.Message}",
                    "The address is not this machine's, or the port needs more rights.", "Choose another address or port.");
        }
    }

    public static void Close(Socket? socket)
    {
        try
        {
            socket?.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was first.
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        socket?.Dispose();
    }
}
