using System.Net.Sockets;
using Ambrosia.Coordinator.Options;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator.Peers;

/// <summary>
/// Listens for other coordinators and keeps the streams that this instance needs open. Whoever attaches to an instance opens two streams
/// to it: its data out, and the control stream on which the acknowledgements come back. So no stream is ever opened from both ends.
/// </summary>
internal sealed class PeerNetwork : IDisposable
{
    private const int HandshakeLimit = 5000;
    private const int MaxHandshakes = 64;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Complaint = TimeSpan.FromSeconds(10);

    private readonly IPeerHost _host;
    private readonly Dictionary<string, PeerAddress> _addresses;
    private readonly CoordinatorLog _log;
    private readonly PeerStreams _streams;
    private readonly Action<Exception> _fail;
    private readonly Socket _listener;
    private readonly object _gate = new();
    private readonly Dictionary<(StreamRole Role, string Peer), Active> _active = [];
    private readonly HashSet<(StreamRole Role, string Peer)> _connectors = [];
    private int _handshakes;
    private bool _closed;

    private sealed record Active(Socket Socket, ManualResetEventSlim Ended);

    public PeerNetwork(IPeerHost host, RunOptions options, CoordinatorLog log, Action<Exception> fail)
    {
        (_host, _log, _fail) = (host, log, fail);
        _addresses = options.Peers.ToDictionary(peer => peer.Name);
        _streams = new PeerStreams(host, log);
        _listener = PeerSocket.Listen(options.ListenHost, options.ListenPort, "for other coordinators");
    }

    public void Start() => Run("peer listener", Accept);

    /// <summary>Keeps the streams to a destination open from now on.</summary>
    public void Attach(string peer)
    {
        if (!_addresses.ContainsKey(peer))
        {
            _log.Error(new CoordinatorException(
                Codes.NoPeerAddress, $"The app sends to {peer}, whose address is unknown; its messages are kept.",
                null, $"Start this coordinator with --peer {peer}=HOST:PORT."));
            return;
        }

        EnsureConnector(StreamRole.DataOut, peer);
        EnsureConnector(StreamRole.ControlIn, peer);
    }

    public bool IsConnected(string peer)
    {
        lock (_gate)
            return _active.ContainsKey((StreamRole.DataOut, peer)) || _active.ContainsKey((StreamRole.DataIn, peer));
    }

    /// <summary>Ends all streams on which messages come in, so that senders keep what is not acknowledged.</summary>
    public void EndIntake()
    {
        PeerSocket.Close(_listener);
        lock (_gate)
        {
            foreach (var ((role, _), active) in _active)
            {
                if (role == StreamRole.DataIn)
                    PeerSocket.Close(active.Socket);
            }
        }
    }

    public void Dispose()
    {
        PeerSocket.Close(_listener);
        lock (_gate)
        {
            _closed = true;
            foreach (var active in _active.Values)
                PeerSocket.Close(active.Socket);
        }
    }

    private void Run(string name, Action body)
    {
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception error)
            {
                // Stopping closes the sockets under their threads.
                if (!_host.Stopping.IsCancellationRequested)
                    _fail(error);
            }
        })
        { Name = name, IsBackground = true };
        thread.Start();
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                if (!_listener.IsBound || _closed || error is ObjectDisposedException || _host.Stopping.IsCancellationRequested)
                    return;
                continue; // The connection was gone before it was accepted.
            }

            if (Interlocked.Increment(ref _handshakes) > MaxHandshakes)
            {
                Interlocked.Decrement(ref _handshakes);
                PeerSocket.Close(socket);
                continue;
            }

            Run("peer connection", () => Serve(socket));
        }
    }

    private void Serve(Socket socket)
    {
        var shaking = true;

        // For a whole request: a receive timeout alone would let a byte every few seconds hold a place for ever.
        using var limit = new Timer(_ => PeerSocket.Close(socket), null, HandshakeLimit, Timeout.Infinite);
        try
        {
            PeerSocket.Tune(socket);
            socket.ReceiveTimeout = HandshakeLimit;
            while (Handshake.Read(socket) is { } request)
            {
                var (code, role, peer) = Answer(request);
                if (code != ConnectCode.Success || role is null)
                {
                    Handshake.Reply(socket, code);
                    limit.Change(HandshakeLimit, Timeout.Infinite);
                    continue;
                }

                Interlocked.Decrement(ref _handshakes);
                shaking = false;
                limit.Change(Timeout.Infinite, Timeout.Infinite);
                Stream(role.Value, peer, socket, request.KillRemote);
                return;
            }
        }
        catch (Exception error) when (error is SocketException or ProtocolException or ObjectDisposedException)
        {
            if (shaking && error is ProtocolException)
                _log.Info($"Refused a connection that is no AMBROSIA peer: {error.Message}.");
        }
        finally
        {
            if (shaking)
                Interlocked.Decrement(ref _handshakes);
            PeerSocket.Close(socket);
        }
    }

    /// <summary>The code to answer with, and the role when the connection is to become a stream.</summary>
    private (ConnectCode Code, StreamRole? Role, string Peer) Answer(ConnectRequest request)
    {
        if (request.Type is RequestType.Ping or RequestType.LoadVertex)
            return (ConnectCode.Success, null, "");
        if (Handshake.RoleOf(request, _host.Instance) is not var (role, peer))
            return (request.To == _host.Instance || request.From == _host.Instance
                ? ConnectCode.VertexEndpointNotFound : ConnectCode.VertexNotFound, null, "");
        if (!CommandLine.IsName(peer) || peer == _host.Instance)
            return (ConnectCode.VertexNotFound, null, "");
        if (!_host.Accepting)
            return (ConnectCode.ActiveVertexNotFound, null, "");
        if (request.Type is RequestType.ConnectInitiator or RequestType.ConnectInitiatorReverse)
        {
            if (!_addresses.ContainsKey(peer))
                return (ConnectCode.ConnectionEstablishFailed, null, "");
            EnsureConnector(role, peer);
            return (ConnectCode.Success, null, "");
        }

        lock (_gate)
        {
            if (_active.ContainsKey((role, peer)) && !request.KillRemote)
                return (ConnectCode.ServerRecovering, null, "");
        }

        return (ConnectCode.Success, role, peer);
    }

    /// <summary>Replaces the stream of the same role if there is one, answers, and runs until the stream ends.</summary>
    private void Stream(StreamRole role, string peer, Socket socket, bool killRemote)
    {
        if (!Register(role, peer, socket, killRemote, out var mine))
        {
            Handshake.Reply(socket, ConnectCode.ServerRecovering);
            return;
        }

        try
        {
            Handshake.Reply(socket, ConnectCode.Success);
            RunRegistered(role, peer, socket);
        }
        finally
        {
            Unregister(role, peer, mine);
        }
    }

    private void RunRegistered(StreamRole role, string peer, Socket socket)
    {
        if (role == StreamRole.DataIn)
            _log.Info($"{peer} is connected.");
        try
        {
            _streams.Run(role, peer, socket);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            _log.Info($"{peer} was silent for {PeerSocket.SilenceLimit / 1000} s: taken for gone ({role}).");
        }
        catch (ProtocolException error) when (role is StreamRole.DataIn or StreamRole.ControlOut)
        {
            _log.Info($"The stream from {peer} is given up: {error.Message} ({role}).");
        }
        finally
        {
            if (role == StreamRole.DataIn)
                _log.Info($"{peer} is disconnected.");
        }
    }

    private bool Register(StreamRole role, string peer, Socket socket, bool replace, out Active mine)
    {
        mine = new Active(socket, new ManualResetEventSlim());
        while (true)
        {
            Active? old;
            lock (_gate)
            {
                if (_closed)
                    return false;
                if (!_active.TryGetValue((role, peer), out old))
                {
                    _active.Add((role, peer), mine);
                    return true;
                }
            }

            if (!replace)
                return false;

            // Two readers of one source would mix up its numbers: the old one has to be over before the new one begins.
            PeerSocket.Close(old.Socket);
            if (role == StreamRole.DataOut)
                _host.Output(peer).Wake();
            if (!old.Ended.Wait(PeerSocket.SilenceLimit))
                return false;
        }
    }

    private void Unregister(StreamRole role, string peer, Active mine)
    {
        lock (_gate)
            _active.Remove((role, peer));
        mine.Ended.Set();
        PeerSocket.Close(mine.Socket);

        // The two streams towards a destination share their fate: one alone is of no use.
        var other = role switch { StreamRole.DataOut => StreamRole.ControlIn, StreamRole.ControlIn => StreamRole.DataOut, _ => (StreamRole?)null };
        if (other is not { } twin)
            return;
        lock (_gate)
        {
            if (_active.TryGetValue((twin, peer), out var active))
                PeerSocket.Close(active.Socket);
        }

        _host.Output(peer).Wake();
    }

    private void EnsureConnector(StreamRole role, string peer)
    {
        lock (_gate)
        {
            if (!_connectors.Add((role, peer)))
                return;
        }

        Run($"{role} {peer}", () => KeepOpen(role, peer));
    }

    private void KeepOpen(StreamRole role, string peer)
    {
        var address = _addresses[peer];
        var retry = FirstRetry;
        var kill = false;
        var complainAt = TimeProvider.System.GetTimestamp();
        var complained = false;
        while (!_host.Stopping.IsCancellationRequested)
        {
            var problem = "";
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                using var socket = PeerSocket.Connect(address.Host, address.Port, _host.Stopping);
                socket.ReceiveTimeout = HandshakeLimit;
                Handshake.Write(socket, Handshake.RequestFor(role, _host.Instance, peer, kill));
                var code = Handshake.ReadReply(socket);
                kill = code == ConnectCode.ServerRecovering;
                if (code == ConnectCode.Success)
                {
                    if (complained && role == StreamRole.DataOut)
                        _log.Info($"{peer} is reached again.");
                    complained = false;
                    Open(role, peer, socket);
                    problem = "the connection ended";
                    complainAt = TimeProvider.System.GetTimestamp();
                    if (TimeProvider.System.GetElapsedTime(began) > LastRetry)
                        retry = FirstRetry;
                }
                else
                {
                    problem = $"it answered {code}";
                }
            }
            catch (Exception error) when (error is SocketException or ProtocolException or OperationCanceledException or ObjectDisposedException)
            {
                problem = error is OperationCanceledException ? "no answer" : error.Message;
            }

            if (role == StreamRole.DataOut && TimeProvider.System.GetElapsedTime(complainAt) > Complaint)
            {
                _log.Info($"{peer} at {address.Host}:{address.Port} is not reached ({problem}); trying on, its messages are kept.");
                complainAt = TimeProvider.System.GetTimestamp();
                complained = true;
            }

            _host.Stopping.WaitHandle.WaitOne(retry);
            retry = retry * 1.5 > LastRetry ? LastRetry : retry * 1.5;
        }
    }

    private void Open(StreamRole role, string peer, Socket socket)
    {
        if (!Register(role, peer, socket, replace: true, out var mine))
            return;
        try
        {
            RunRegistered(role, peer, socket);
        }
        finally
        {
            Unregister(role, peer, mine);
        }
    }
}
