using System.Runtime.CompilerServices;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// Reads what the coordinator sends and runs the immortal's handlers on it, message by message, straight from the receive buffer.
/// One thread does both: a second one would cost a hand-over per buffer and win nothing, as the sockets buffer already.
/// </summary>
internal sealed class MessageLoop
{
    /// <summary>So many receives, of up to 256 KiB each, may pass while gathered output waits.</summary>
    private const int MaxReceivesBetweenFlushes = 8;

    private readonly ICoordinatorChannel _channel;
    private readonly InputBuffer _input;
    private readonly OutputBuffer _output;
    private readonly ImmortalOptions _options;
    private readonly Action<string> _warn;
    private Immortal _immortal;
    private long _nextSequenceId = -1;
    private int _receivesSinceFlush;
    private bool _isKnown;
    private bool _isStarted;

    /// <param name="channel">To and from the coordinator.</param>
    /// <param name="immortal">Whose handlers run; an upgrade may replace it.</param>
    /// <param name="options">Of these, only what is sent: the name and the initial message.</param>
    /// <param name="warn">Takes a line for people about something odd that is no reason to end.</param>
    public MessageLoop(ICoordinatorChannel channel, Immortal immortal, ImmortalOptions options, Action<string> warn)
    {
        _channel = channel;
        _immortal = immortal;
        _options = options;
        _warn = warn;
        _output = new OutputBuffer(channel);
        _input = new InputBuffer(channel, FlushIfIdle);
    }

    /// <summary>Runs until the coordinator goes away, always by an exception.</summary>
    /// <exception cref="CoordinatorGoneException">The coordinator closed the connection.</exception>
    /// <exception cref="HandlerException">The service threw while it processed a message.</exception>
    /// <exception cref="UnknownMethodException">The service lacks the handler of a message.</exception>
    /// <exception cref="CheckpointException">The checkpoint to restore is not this app's.</exception>
    /// <exception cref="ProtocolException">The coordinator sent something that the protocol does not allow.</exception>
    public void Run()
    {
        _immortal.Outbox.Connect(_output, _options.InstanceName);
        while (true) ProcessRecord();
    }

    /// <summary>
    /// Waiting is the moment to send what was gathered, unless more work is there already; but a flood of work must not hold back a
    /// small answer for ever.
    /// </summary>
    private void FlushIfIdle()
    {
        if (_output.IsEmpty)
        {
            _receivesSinceFlush = 0;
            return;
        }

        if (++_receivesSinceFlush < MaxReceivesBetweenFlushes && _channel.DataAvailable) return;
        _receivesSinceFlush = 0;
        _output.Flush();
    }

    private void ProcessRecord()
    {
        var header = RecordHeader.Read(_input.Take(RecordHeader.Size));
        var left = header.PayloadSize;
        if (left < 2) throw new ProtocolException($"a record of {header.TotalSize} bytes, header included, holds no message");
        switch (header.SequenceId)
        {
            case RecordHeader.Restore:
                Restore(left);
                break;
            case RecordHeader.Control:
                Control(left);
                break;
            case >= 0:
                ProcessLogged(header.SequenceId, left);
                break;
            default:
                throw new ProtocolException($"sequence ID {header.SequenceId} has no meaning");
        }
    }

    private void Restore(int left)
    {
        if (_isKnown) throw new ProtocolException("a checkpoint to restore came after other records");
        _isKnown = true;
        var size = _input.ReadInt32(ref left, "a message's size");
        if (size != left) throw new ProtocolException($"the checkpoint's message is {size} bytes in a record with room for {left}");
        var type = (MessageType)_input.ReadByte(ref left, "a message's type");
        if (type != MessageType.Checkpoint) throw new ProtocolException($"a message of type {type} came where a checkpoint belongs");
        var length = _input.ReadInt64(ref left, "the checkpoint's length");
        if (left != 0 || length < 0) throw new ProtocolException($"a checkpoint of {length} bytes is announced, with {left} bytes too many");

        var reader = new CheckpointReader(_input, length);
        var version = reader.ReadInt32();
        if (version != CheckpointSender.FormatVersion) throw new CheckpointException($"the checkpoint has format {version}, this app reads {CheckpointSender.FormatVersion}: it is another app's, or another version's");
        _isStarted = reader.ReadBoolean();
        _immortal.Outbox.Load(reader);
        _immortal.Load(reader);
        if (reader.Remaining != 0) throw new CheckpointException($"the app left {reader.Remaining} of the checkpoint's {length} bytes unread: it is another app's, or another version's");
        _immortal.IsReplaying = true;
    }

    private void Control(int left)
    {
        var size = _input.ReadInt32(ref left, "a message's size");
        if (size != 1 || left != 1) throw new ProtocolException($"a control record holds a message of {size} bytes in {left} bytes, instead of a type alone");
        var type = (MessageType)_input.ReadByte(ref left, "a message's type");
        if (!_isKnown && type != MessageType.TakeBecomingPrimaryCheckpoint) throw new ProtocolException($"a message of type {type} came first, where only a checkpoint or {MessageType.TakeBecomingPrimaryCheckpoint} may");
        switch (type)
        {
            case MessageType.TakeBecomingPrimaryCheckpoint:
                if (!_isKnown) _output.Send(MessageType.InitialMessage, _options.InitialMessage.Span);
                _isKnown = true;
                SendCheckpoint();
                BecomePrimary();
                break;
            case MessageType.TakeCheckpoint:
                SendCheckpoint();
                break;
            case MessageType.BecomingPrimary:
                _output.Flush();
                BecomePrimary();
                break;
            case MessageType.UpgradeTakeCheckpoint:
                Upgrade();
                SendCheckpoint();
                BecomePrimary();
                break;
            case MessageType.UpgradeService:
                Upgrade();
                break;
            default:
                throw new ProtocolException($"a message of type {(byte)type} came in a control record");
        }
    }

    private void Upgrade()
    {
        var successor = _immortal.OnUpgrade();
        if (ReferenceEquals(successor, _immortal)) return;
        successor.Outbox.TakeOver(_immortal.Outbox);
        successor.IsReplaying = _immortal.IsReplaying;
        successor.IsPrimary = _immortal.IsPrimary;
        _immortal = successor;
    }

    private void SendCheckpoint() => CheckpointSender.Send(_output, _immortal, _isStarted);

    private void BecomePrimary()
    {
        if (_immortal.IsPrimary) return;
        _immortal.IsReplaying = false;
        _immortal.IsPrimary = true;
        _immortal.Outbox.BecomePrimary();
        _immortal.OnBecamePrimary();
    }

    private void ProcessLogged(long sequenceId, int left)
    {
        if (!_isKnown) throw new ProtocolException($"record {sequenceId} came first, where only a checkpoint or {MessageType.TakeBecomingPrimaryCheckpoint} may");
        if (_nextSequenceId >= 0 && sequenceId != _nextSequenceId) throw new ProtocolException($"record {sequenceId} came where {_nextSequenceId} belongs");
        _nextSequenceId = sequenceId + 1;
        _immortal.Outbox.IsOpen = true;
        while (left > 0)
        {
            var size = _input.ReadInt32(ref left, "a message's size");
            if (size < 1 || size > left) throw new ProtocolException($"a message of {size} bytes in a record with {left} bytes left");
            var type = (MessageType)_input.ReadByte(ref left, "a message's type");
            var body = size - 1;
            left -= body;
            switch (type)
            {
                case MessageType.Rpc:
                    Dispatch(_input.Take(body));
                    break;
                case MessageType.RpcBatch:
                    ProcessBatch(_input.ReadInt32(ref body, "a batch's count"), body);
                    break;
                case MessageType.CountReplayableRpcBatch:
                    var count = _input.ReadInt32(ref body, "a batch's count");
                    var replayable = _input.ReadInt32(ref body, "a batch's count of replayable messages");
                    if (replayable < 0 || replayable > count) throw new ProtocolException($"a batch of {count} messages says that {replayable} are replayable");
                    ProcessBatch(count, body);
                    break;
                case MessageType.InitialMessage:
                    Start(_input.Take(body));
                    break;
                default:
                    throw new ProtocolException($"a message of type {(byte)type} came in a logged record");
            }
        }

        _immortal.Outbox.IsOpen = false;
    }

    private void Start(ReadOnlySpan<byte> initialMessage)
    {
        if (_isStarted) throw new ProtocolException("the initial message came a second time");
        _isStarted = true;
        try
        {
            _immortal.OnFirstStart(initialMessage);
        }
        catch (Exception exception) when (exception is not CoordinatorGoneException)
        {
            throw new HandlerException($"{nameof(Immortal.OnFirstStart)} failed", exception);
        }
    }

    private void ProcessBatch(int count, int left)
    {
        if (count < 0) throw new ProtocolException($"a batch of {count} messages");
        for (; count > 0; count--)
        {
            var n = VarInt.TryRead(_input.Available, out int size);
            if (n > 0 && n <= left)
            {
                left -= n;
                _input.Advance(n);
            }
            else
            {
                size = _input.ReadInt32(ref left, "a message's size");
            }

            if (size < 1 || size > left) throw new ProtocolException($"a message of {size} bytes in a batch with {left} bytes left");
            left -= size;
            var message = _input.Take(size);
            if (message[0] != (byte)MessageType.Rpc) throw new ProtocolException($"a message of type {message[0]} came in a batch of RPCs");
            Dispatch(message[1..]);
        }

        if (left != 0) throw new ProtocolException($"{left} bytes are left over at the end of a batch");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Dispatch(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) throw new ProtocolException("an RPC without content");
        if (body[0] != (byte)ReturnKind.Call)
        {
            DispatchReply(body);
            return;
        }

        var n = VarInt.TryRead(body[1..], out int methodId) + 1;
        if (n < 2 || n >= body.Length) throw new ProtocolException("an RPC ends within its header");
        var type = (RpcType)body[n++];
        if (type is RpcType.Fork or RpcType.Impulse && _immortal.FindMethod(methodId) is { } handler)
        {
            Handle(handler, new IncomingCall(methodId, type, body[n..], default));
            return;
        }

        DispatchCall(methodId, type, body[n..]);
    }

    /// <summary>Tells what the service throws from what the loop itself throws about the coordinator's bytes, whatever the exception's type.</summary>
    private static void Handle(MethodHandler handler, in IncomingCall call)
    {
        try
        {
            handler(call);
        }
        catch (Exception exception) when (exception is not CoordinatorGoneException)
        {
            throw new HandlerException($"the handler of method {call.MethodId} failed", exception);
        }
    }

    private void DispatchCall(int methodId, RpcType type, ReadOnlySpan<byte> rest)
    {
        if (type is RpcType.Fork or RpcType.Impulse) throw new UnknownMethodException($"a {type} of method {methodId} came, which this app does not have; losing it would break the log's promise");
        if (type != RpcType.Call) throw new ProtocolException($"an RPC of kind {(byte)type}");
        var (caller, callId) = ReadAddress(ref rest);
        var replyTo = new ReplyTo(caller, callId);
        _immortal.Outbox.AddUnansweredCall(replyTo);
        if (_immortal.FindMethod(methodId) is not { } handler)
        {
            _immortal.RefuseCall(replyTo, $"{_options.InstanceName} has no method {methodId}");
            return;
        }

        try
        {
            handler(new IncomingCall(methodId, type, rest, replyTo));
        }
#pragma warning disable CA1031 // Whatever the service throws is the caller's answer, unless it has one; only a lost coordinator is no matter of the service's.
        catch (Exception exception) when (exception is not CoordinatorGoneException)
#pragma warning restore CA1031
        {
            if (!_immortal.Outbox.IsUnanswered(replyTo)) throw new HandlerException($"the handler of method {methodId} failed after its reply", exception);
            _immortal.RefuseCall(replyTo, exception.Message);
        }
    }

    private void DispatchReply(ReadOnlySpan<byte> body)
    {
        var kind = (ReturnKind)body[0];
        if (kind > ReturnKind.Exception) throw new ProtocolException($"an RPC with the return form {(byte)kind}");
        var rest = body[1..];
        var (sender, callId) = ReadAddress(ref rest);
        var value = ReadOnlySpan<byte>.Empty;
        if (kind != ReturnKind.Void && !LengthPrefixed.TryRead(ref rest, out value)) throw new ProtocolException("a reply's value reaches beyond its end");

        if (!_immortal.Outbox.TryTakePendingCall(callId, out var call))
        {
            // A faulty peer's doing. The reply is logged, so ending because of it would end every later process as well.
            _warn($"ignored a reply of {sender} to call {callId}, which awaits none");
            return;
        }

        if (_immortal.FindReply(call.ReplyId) is not { } handler) throw new UnknownMethodException($"a reply for handler {call.ReplyId} came, which this app does not have");
        try
        {
            handler(new IncomingReply(kind, callId, value, call.Context));
        }
        catch (Exception exception) when (exception is not CoordinatorGoneException)
        {
            throw new HandlerException($"the handler of replies {call.ReplyId} failed", exception);
        }
    }

    private static (string Name, long CallId) ReadAddress(ref ReadOnlySpan<byte> rest)
    {
        if (!LengthPrefixed.TryRead(ref rest, out var name)) throw new ProtocolException("an instance's name reaches beyond the end of its RPC");
        var n = VarInt.TryRead(rest, out long callId);
        if (n < 1) throw new ProtocolException("an RPC ends within its call number");
        rest = rest[n..];
        return (Encoding.UTF8.GetString(name), callId);
    }
}
