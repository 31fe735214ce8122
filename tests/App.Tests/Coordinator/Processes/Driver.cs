using System.Net.Sockets;
using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Peers;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// Another instance's coordinator as far as one instance sees it: sends numbered messages over the streams of the protocol, connects again
/// whenever a stream ends, and holds the receiver to every acknowledgement.
/// </summary>
internal sealed class Driver : IAsyncDisposable
{
    public const string Name = "driver";

    private readonly object _gate = new();
    private readonly List<byte[]> _messages = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile Node _node;
    private long _acknowledged;
    private string? _fault;

    public Driver(Node node)
    {
        _node = node;
        _running = Task.WhenAll(Task.Factory.StartNew(() => Run(SendData), TaskCreationOptions.LongRunning), Task.Factory.StartNew(() => Run(ReadCommits), TaskCreationOptions.LongRunning));
    }

    public long Sent
    {
        get
        {
            lock (_gate)
                return _messages.Count;
        }
    }

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>From the next connection on it talks to the instance in another place.</summary>
    public void Move(Node node) => _node = node;

    /// <summary>Sends the next numbered messages for the ledger to count.</summary>
    public void Note(int count, int payload = 10)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
                _messages.Add(Records.Fork(Ledger.Note, Ledger.NoteArguments(Name, _messages.Count + 1, payload)));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Any other message.</summary>
    public void Send(int method, byte[] arguments)
    {
        lock (_gate)
        {
            _messages.Add(Records.Fork(method, arguments));
            Monitor.PulseAll(_gate);
        }
    }

    public Task AllAcknowledgedAsync(Func<string> otherwise) => AcknowledgedAsync(Sent, otherwise);

    public async Task AcknowledgedAsync(long count, Func<string> otherwise)
    {
        await Eventually.That(() => Acknowledged >= count || Fault is not null, () => $"{Acknowledged} of {count} acknowledged:\n{otherwise()}");
        if (Fault is { } fault)
            throw new InvalidOperationException(fault);
    }

    /// <summary>What the receiver did against the protocol or its own word.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_gate)
            Monitor.PulseAll(_gate);
        await _running;
        _stop.Dispose();
    }

    private void Run(Action<Socket> stream)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var socket = PeerSocket.Connect("127.0.0.1", _node.ListenPort, _stop.Token);
                using var stopping = _stop.Token.Register(() => PeerSocket.Close(socket));
                socket.ReceiveTimeout = 5000;
                stream(socket);
            }
            catch (Exception error) when (error is SocketException or ProtocolException or ObjectDisposedException or OperationCanceledException)
            {
                // The receiver is down, or died under it.
            }

            _stop.Token.WaitHandle.WaitOne(20);
        }
    }

    private bool Open(Socket socket, StreamRole role)
    {
        Handshake.Write(socket, Handshake.RequestFor(role, Name, _node.Name, killRemote: true));
        return Handshake.ReadReply(socket) == ConnectCode.Success;
    }

    private void SendData(Socket socket)
    {
        if (!Open(socket, StreamRole.DataOut) || !new FrameReader(socket, 1024).TryRead(out var frame) || frame.Type != MessageType.ReplayFrom)
            return;
        var n = VarInt.TryRead(frame.Data, out long next);
        VarInt.TryRead(frame.Data[n..], out long replayable);
        if (next != replayable || next - 1 < Acknowledged || next - 1 > Sent)
        {
            Volatile.Write(ref _fault, $"asked for ({next}, {replayable}), though {Acknowledged} were acknowledged and {Sent} sent");
            return;
        }

        while (!_stop.IsCancellationRequested)
        {
            byte[] run;
            lock (_gate)
            {
                if (next > _messages.Count)
                    Monitor.Wait(_gate, TimeSpan.FromSeconds(1));
                var some = _messages.Skip((int)next - 1).Take(100).ToArray();
                next += some.Length;
                run = Records.Batch(some);
            }

            Handshake.SendAll(socket, run);
        }
    }

    private void ReadCommits(Socket socket)
    {
        if (!Open(socket, StreamRole.ControlIn))
            return;
        Handshake.SendAll(socket, [0x04, (byte)MessageType.TrimTo, 0x01]);
        var reader = new FrameReader(socket, 1024);
        while (reader.TryRead(out var frame))
        {
            VarInt.TryRead(frame.Data, out long sequence);
            if (frame.Type != MessageType.Commit || sequence < Acknowledged || sequence > Sent)
                Volatile.Write(ref _fault, $"{frame.Type} up to {sequence} after {Acknowledged} of {Sent}");
            Interlocked.Exchange(ref _acknowledged, Math.Max(sequence, Acknowledged));
        }
    }
}
