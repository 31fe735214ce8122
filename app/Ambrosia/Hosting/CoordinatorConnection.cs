using System.Net;
using System.Net.Sockets;
using Ambrosia.Binding;

namespace Ambrosia.Hosting;

/// <summary>
/// The two one-way loopback connections to the coordinator, with blocking sockets: on the one thread that uses them they are faster
/// than any asynchronous form.
/// </summary>
internal sealed class CoordinatorConnection : ICoordinatorChannel, IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);
    private readonly Socket _sending;
    private readonly Socket _receiving;

    private CoordinatorConnection(Socket sending, Socket receiving)
    {
        _sending = sending;
        _receiving = receiving;
    }

    public bool DataAvailable
    {
        get
        {
            try
            {
                return _receiving.Available > 0;
            }
            catch (SocketException exception)
            {
                throw new CoordinatorGoneException($"the connection to the coordinator failed: {exception.Message}", exception);
            }
        }
    }

    public Socket Sending => _sending;

    public Socket Receiving => _receiving;

    /// <summary>
    /// Connects to where the coordinator receives, then to where it sends: it opens the second port only once the first is connected.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before the coordinator was there.</exception>
    /// <exception cref="CoordinatorGoneException">The coordinator closed the first connection instead of opening the second port.</exception>
    public static CoordinatorConnection Connect(ImmortalOptions options, CancellationToken cancellation)
    {
        var sending = Connect(options.SendPort, null, cancellation);
        try
        {
            return new CoordinatorConnection(sending, Connect(options.ReceivePort, sending, cancellation));
        }
        catch
        {
            sending.Dispose();
            throw;
        }
    }

    public int Receive(Span<byte> buffer)
    {
        try
        {
            return _receiving.Receive(buffer);
        }
        catch (SocketException exception)
        {
            throw new CoordinatorGoneException($"receiving from the coordinator failed: {exception.Message}", exception);
        }
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[_sending.Send(bytes)..];
        }
        catch (SocketException exception)
        {
            throw new CoordinatorGoneException($"sending to the coordinator failed: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        _sending.Dispose();
        _receiving.Dispose();
    }

    /// <param name="first">The connection that stands already: nobody will open the port once its other end is closed.</param>
    private static Socket Connect(int port, Socket? first, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (first is not null && first.Poll(TimeSpan.Zero, SelectMode.SelectRead)) throw new CoordinatorGoneException();
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                if (!IsConnectedToItself(socket)) return socket;
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.TimedOut)
            {
                // Not listening yet. There is nothing to wait on but time.
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            socket.Dispose();
            cancellation.WaitHandle.WaitOne(RetryInterval);
        }
    }

    /// <summary>
    /// While nobody listens, a connect from an ephemeral port to that same port succeeds: TCP calls it a simultaneous open.
    /// Such a socket would also keep the coordinator from its own port.
    /// </summary>
    private static bool IsConnectedToItself(Socket socket) => Equals(socket.LocalEndPoint, socket.RemoteEndPoint);
}
