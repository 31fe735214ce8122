using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator.Peers;

/// <summary>What the streams need of the rest of the coordinator.</summary>
internal interface IPeerHost
{
    string Instance { get; }

    /// <summary>The instance is primary: streams may flow.</summary>
    bool Accepting { get; }

    /// <summary>False as soon as another coordinator may own the log: this one must fall silent.</summary>
    bool MayAcknowledge { get; }

    CancellationToken Stopping { get; }

    Intake Intake { get; }

    InputSource Source(string name);

    OutputQueue Output(string name);

    /// <summary>Waits a moment while the app is far behind the log, so that a slow app slows its senders; never for good.</summary>
    void Pace(int bytes);

    /// <summary>Returns when the output watermarks are in the log.</summary>
    void RecordOutputs();
}

/// <summary>Runs one stream on a connected socket, in its role, until either side ends it. Who opened the connection does not matter.</summary>
internal sealed class PeerStreams(IPeerHost host, CoordinatorLog log)
{
    /// <summary>The connection is tried again all the time; a loss that only a person can mend is told again this often.</summary>
    private static readonly TimeSpan LossComplaint = TimeSpan.FromSeconds(60);

    private static readonly byte[] EmptyBatch = [0x04, (byte)MessageType.RpcBatch, 0x00];

    private readonly ConcurrentDictionary<string, long> _lossTold = [];

    public void Run(StreamRole role, string peer, Socket socket)
    {
        socket.ReceiveTimeout = PeerSocket.SilenceLimit;
        switch (role)
        {
            case StreamRole.DataIn:
                ReceiveData(host.Source(peer), socket);
                break;
            case StreamRole.DataOut:
                SendData(host.Output(peer), socket);
                break;
            case StreamRole.ControlIn:
                ReceiveCommits(host.Output(peer), socket);
                break;
            default:
                SendCommits(host.Source(peer), socket);
                break;
        }
    }

    private static void Send(Socket socket, MessageType type, long first, long? second = null)
    {
        Span<byte> data = stackalloc byte[2 * VarInt.MaxBytes64];
        var n = VarInt.Write(data, first);
        if (second is { } value)
            n += VarInt.Write(data[n..], value);
        Span<byte> message = stackalloc byte[VarInt.MaxBytes32 + 1 + n];
        var at = VarInt.Write(message, 1 + n);
        message[at++] = (byte)type;
        data[..n].CopyTo(message[at..]);
        Handshake.SendAll(socket, message[..(at + n)]);
    }

    private static (long First, long Second)? ReadPair(FrameReader reader, MessageType type, bool pair)
    {
        if (!reader.TryRead(out var frame))
            return null;
        if (frame.Type != type)
            throw new ProtocolException($"message type {(byte)frame.Type} where {type} belongs");
        var n = VarInt.TryRead(frame.Data, out long first);
        var m = 0;
        long second = 0;
        if (pair && n > 0)
            m = VarInt.TryRead(frame.Data[n..], out second);
        if (n <= 0 || (pair && m <= 0) || n + m != frame.Data.Length)
            throw new ProtocolException($"malformed {type}");
        return (first, second);
    }

    private void ReceiveData(InputSource source, Socket socket)
    {
        var (sequence, replayable) = host.Intake.NextOf(source);
        Send(socket, MessageType.ReplayFrom, sequence, replayable);
        var reader = new FrameReader(socket, 1 << 20);
        while (reader.TryRead(out var frame))
        {
            var (count, replayables) = Messages.Count(frame);
            if (count == 0)
                continue;
            host.Pace(frame.Whole.Length);
            if (!host.Intake.Append(source, frame.Whole, default, count, replayables))
                return;
        }
    }

    private void SendData(OutputQueue queue, Socket socket)
    {
        var reader = new FrameReader(socket, 1024);
        if (ReadPair(reader, MessageType.ReplayFrom, pair: true) is not var (sequence, replayable))
            return;
        var knownBefore = queue.Contacted;
        switch (queue.ReplayFrom(sequence, replayable, out var cursor))
        {
            case ReplayAnswer.ReceiverLostMessages:
                TellLoss(queue, new CoordinatorException(
                    Codes.PeerLostMessages, $"{queue.Destination} asks for messages that it had acknowledged before.",
                    $"{queue.Destination} lost its log, or started from an empty one.",
                    "Restore its log directory, or empty the log directories of all instances that talk to each other."));
                throw new ProtocolException("the peer lost acknowledged messages");
            case ReplayAnswer.SenderLostMessages:
                TellLoss(queue, new CoordinatorException(
                    Codes.PeerLostMessages, $"{queue.Destination} holds more messages from this instance than it has sent.",
                    "This instance lost its log, or its app does not replay in the same way.",
                    "Restore the log directory, or empty the log directories of all instances that talk to each other."));
                throw new ProtocolException("this instance lost messages");
        }

        // Before the first message: after a crash nothing else could tell this receiver's memory of us from that of an older existence.
        if (!knownBefore)
            host.RecordOutputs();

        Span<byte> head = stackalloc byte[Messages.MaxBatchHeader];
        var lastSent = Stopwatch.GetTimestamp();
        while (!host.Stopping.IsCancellationRequested && socket.Connected && host.MayAcknowledge)
        {
            if (queue.Next(ref cursor, PeerSocket.Heartbeat) is { } segment)
            {
                try
                {
                    var n = Messages.WriteBatchHeader(head, segment.Length, segment.Count, segment.Replayable);
                    Handshake.SendAll(socket, head[..n]);
                    Handshake.SendAll(socket, segment.Buffer.AsSpan(segment.Offset, segment.Length));
                }
                finally
                {
                    queue.Return(segment);
                }

                lastSent = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastSent) >= PeerSocket.Heartbeat)
            {
                // An empty batch changes nothing and shows that this end lives.
                Handshake.SendAll(socket, EmptyBatch);
                lastSent = Stopwatch.GetTimestamp();
            }
        }
    }

    private void TellLoss(OutputQueue queue, CoordinatorException error)
    {
        if (_lossTold.TryGetValue(queue.Destination, out var told) && Stopwatch.GetElapsedTime(told) < LossComplaint)
            return;
        _lossTold[queue.Destination] = Stopwatch.GetTimestamp();
        log.Error(error);
    }

    private static void ReceiveCommits(OutputQueue queue, Socket socket)
    {
        var trimmed = queue.AcknowledgedReplayable;
        Send(socket, MessageType.TrimTo, trimmed == 0 ? -1 : trimmed);
        var reader = new FrameReader(socket, 4096);
        while (ReadPair(reader, MessageType.Commit, pair: true) is var (sequence, replayable))
            queue.Acknowledge(sequence, replayable);
    }

    private void SendCommits(InputSource source, Socket socket)
    {
        if (ReadPair(new FrameReader(socket, 1024), MessageType.TrimTo, pair: false) is null)
            return;
        var sent = -1L;
        while (!host.Stopping.IsCancellationRequested && socket.Connected)
        {
            var (sequence, replayable) = source.WaitDurable(sent, PeerSocket.Heartbeat);
            if (!host.MayAcknowledge)
                return;
            Send(socket, MessageType.Commit, sequence, replayable);
            sent = sequence;
        }
    }
}
