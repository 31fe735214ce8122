using System.Net;
using System.Net.Sockets;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>The network between two coordinators: forwards, falls silent without closing anything, or refuses.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly object _gate = new();
    private readonly int _target;
    private readonly List<Task> _running = [];
    private TaskCompletionSource _open = Opened();
    private Socket? _listener;

    public Proxy(int target)
    {
        (_target, Port) = (target, Ports.Next());
        Listen();
    }

    public int Port { get; }

    /// <summary>Bytes stop flowing in both directions; connections stay as they are, and new ones are taken and get nothing.</summary>
    public void FallSilent()
    {
        lock (_gate)
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Forwards again; what was on its way in silent connections is gone, as after a node's death.</summary>
    public void Forward()
    {
        CloseAll();
        lock (_gate)
            _open.TrySetResult();
    }

    /// <summary>Nobody listens any more and every connection is reset.</summary>
    public void Refuse()
    {
        lock (_gate)
            _listener?.Dispose();
        CloseAll();
    }

    /// <summary>Listens again after <see cref="Refuse"/>.</summary>
    public void Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen(16);
        lock (_gate)
            _listener = listener;
        _running.Add(AcceptAsync(listener));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Refuse();
        lock (_gate)
            _open.TrySetResult();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }

    private Task Gate()
    {
        lock (_gate)
            return _open.Task;
    }

    private void CloseAll()
    {
        lock (_gate)
        {
            foreach (var socket in _sockets)
                socket.Close(0);
            _sockets.Clear();
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var here = await listener.AcceptAsync(_stop.Token);
                var there = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                here.NoDelay = true;
                lock (_gate)
                    _sockets.AddRange([here, there]);
                _ = ForwardAsync(here, there);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Refused from here on.
        }
    }

    private async Task ForwardAsync(Socket here, Socket there)
    {
        try
        {
            await Gate();
            await there.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAny(CopyAsync(here, there), CopyAsync(there, here));

            // A close is not heard through silence either: the side that hangs up first would tell the other.
            await Gate();
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is down.
        }
        finally
        {
            here.Dispose();
            there.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var n)
            {
                await Gate();
                for (var sent = 0; sent < n;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, n - sent), _stop.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed under it.
        }
    }
}
