using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>The sending half of an immortal: its proxies, the calls that await a reply in either direction, and which instances it is attached to.</summary>
internal sealed class Outbox
{
    private readonly Dictionary<string, InstanceProxy> _proxies = new(StringComparer.Ordinal);
    private SortedDictionary<long, PendingCall> _pendingCalls = [];
    private SortedSet<string> _attached = new(StringComparer.Ordinal);
    private SortedDictionary<string, SortedSet<long>> _unansweredCalls = new(StringComparer.Ordinal);
    private long _nextCallId = 1;
    private OutputBuffer? _output;
    private string _ownName = "";
    private byte[] _ownNameUtf8 = [];
    private int _threadId;
    private bool _isPrimary;

    public ReadOnlySpan<byte> OwnNameUtf8 => _ownNameUtf8;

    /// <summary>Whether a handler is running: the one time at which sending is right.</summary>
    public bool IsOpen { get; set; }

    public void Connect(OutputBuffer output, string ownName)
    {
        _output = output;
        _ownName = ownName;
        _ownNameUtf8 = Encoding.UTF8.GetBytes(ownName);
        _threadId = Environment.CurrentManagedThreadId;
    }

    /// <summary>An upgraded immortal goes on where its predecessor was.</summary>
    public void TakeOver(Outbox predecessor)
    {
        _pendingCalls = predecessor._pendingCalls;
        _attached = predecessor._attached;
        _unansweredCalls = predecessor._unansweredCalls;
        _nextCallId = predecessor._nextCallId;
        _isPrimary = predecessor._isPrimary;
        Connect(predecessor._output!, predecessor._ownName);
    }

    public InstanceProxy GetProxy(string name)
    {
        if (!_proxies.TryGetValue(name, out var proxy)) _proxies.Add(name, proxy = new InstanceProxy(this, name));
        return proxy;
    }

    public bool IsSelf(string name) => name.Length == 0 || name == _ownName;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Append(int size)
    {
        if (!IsOpen || Environment.CurrentManagedThreadId != _threadId) RefuseSend();
        return _output!.Append(size);
    }

    public void AttachOnce(string name, ReadOnlySpan<byte> utf8)
    {
        if (!IsOpen || Environment.CurrentManagedThreadId != _threadId) RefuseSend();
        if (_attached.Add(name)) _output!.Send(MessageType.AttachTo, utf8);
    }

    public long AddPendingCall(int replyId, ReadOnlySpan<byte> context)
    {
        if (!IsOpen || Environment.CurrentManagedThreadId != _threadId) RefuseSend();
        var callId = _nextCallId++;
        _pendingCalls.Add(callId, new PendingCall(replyId, context.ToArray()));
        return callId;
    }

    public bool TryTakePendingCall(long callId, out PendingCall call) => _pendingCalls.Remove(callId, out call);

    /// <summary>Notes a call from another instance, or from self, that is owed exactly one reply.</summary>
    public void AddUnansweredCall(ReplyTo call)
    {
        if (!_unansweredCalls.TryGetValue(call.Caller, out var ids)) _unansweredCalls.Add(call.Caller, ids = []);
        ids.Add(call.CallId);
    }

    public bool IsUnanswered(ReplyTo call) => _unansweredCalls.TryGetValue(call.Caller, out var ids) && ids.Contains(call.CallId);

    /// <exception cref="InvalidOperationException">The call was answered before, or never came: the caller could not tell to what this replies.</exception>
    public void Reply(ReplyTo to, ReturnKind kind, ReadOnlySpan<byte> value)
    {
        if (to.Caller is null) throw new InvalidOperationException($"Only an RPC of type {RpcType.Call} takes a reply.");
        if (!IsUnanswered(to)) throw new InvalidOperationException($"Call {to.CallId} of {to.Caller} awaits no reply: it has one already, or it never came.");
        GetProxy(to.Caller).Reply(kind, to.CallId, value);
        var ids = _unansweredCalls[to.Caller];
        ids.Remove(to.CallId);
        if (ids.Count == 0) _unansweredCalls.Remove(to.Caller);
    }

    public void BecomePrimary() => Volatile.Write(ref _isPrimary, true);

    public void RefuseImpulseBeforePrimary()
    {
        if (!Volatile.Read(ref _isPrimary)) throw new InvalidOperationException("An impulse may be sent only after the immortal has become primary: a replay must not make new events.");
    }

    /// <summary>Sends an impulse to the immortal itself, from any thread.</summary>
    public void PostImpulse(int methodId, ReadOnlySpan<byte> arguments)
    {
        RefuseImpulseBeforePrimary();
        var size = checked(3 + VarInt.Size(methodId) + 1 + arguments.Length);
        var message = new byte[VarInt.Size(size) + size];
        var n = VarInt.Write(message, size) + 3; // RPC, to self, a call: all three are 0
        n += VarInt.Write(message.AsSpan(n), methodId);
        message[n++] = (byte)RpcType.Impulse;
        arguments.CopyTo(message.AsSpan(n));
        _output!.SendFromAnyThread(message);
    }

    public void RequestCheckpoint()
    {
        if (!IsOpen || Environment.CurrentManagedThreadId != _threadId) RefuseSend();
        if (_isPrimary) _output!.Send(MessageType.TakeCheckpoint, []);
    }

    public void Save(CheckpointWriter writer)
    {
        writer.WriteInt64(_nextCallId);
        writer.WriteInt32(_pendingCalls.Count);
        foreach (var (callId, call) in _pendingCalls)
        {
            writer.WriteInt64(callId);
            writer.WriteInt32(call.ReplyId);
            writer.WriteBytes(call.Context);
        }

        writer.WriteInt32(_attached.Count);
        foreach (var name in _attached) writer.WriteString(name);

        writer.WriteInt32(_unansweredCalls.Count);
        foreach (var (caller, ids) in _unansweredCalls)
        {
            writer.WriteString(caller);
            writer.WriteInt32(ids.Count);
            foreach (var id in ids) writer.WriteInt64(id);
        }
    }

    public void Load(CheckpointReader reader)
    {
        _nextCallId = reader.ReadInt64();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var callId = reader.ReadInt64();
            _pendingCalls[callId] = new PendingCall(reader.ReadInt32(), reader.ReadBytes());
        }

        for (var left = reader.ReadInt32(); left > 0; left--) _attached.Add(reader.ReadString());

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var caller = reader.ReadString();
            for (var ids = reader.ReadInt32(); ids > 0; ids--) AddUnansweredCall(new ReplyTo(caller, reader.ReadInt64()));
        }
    }

    [DoesNotReturn]
    private static void RefuseSend() => throw new InvalidOperationException(
        "Sending is for an immortal's handlers, on the thread that runs them. Events from other threads enter with Immortal.PostImpulse.");
}
