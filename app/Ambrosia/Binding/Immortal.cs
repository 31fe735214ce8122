using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// A service that survives the death of its process: a state, handlers that change it, and proxies to send with. Its coordinator logs
/// every message before a handler sees it; after a crash a new process gets the last checkpoint and the same messages again. So:
/// state changes only in handlers; what a handler does and sends follows from the state and the message alone (no clock, no random
/// numbers, no files; such things enter as impulses or as arguments of a message to self); everything that matters is in
/// <see cref="Save"/>.
/// </summary>
/// <example>
/// <code>
/// sealed class Counter : Immortal
/// {
///     private long _sum;
///
///     public Counter()
///     {
///         OnMethod(1, Add);
///         OnMethod(2, GetSum);
///     }
///
///     private void Add(in IncomingCall call) => _sum += new ArgumentReader(call.Arguments).ReadInt64();
///
///     private void GetSum(in IncomingCall call) => Reply(call.ReplyTo, BitConverter.GetBytes(_sum));
///
///     protected override void Save(CheckpointWriter writer) => writer.WriteInt64(_sum);
///
///     protected override void Load(CheckpointReader reader) => _sum = reader.ReadInt64();
/// }
///
/// // Program.cs
/// return ImmortalHost.Run(new Counter(), new ImmortalOptions("counter", ReceivePort: 21001, SendPort: 21002));
/// </code>
/// </example>
public abstract class Immortal
{
    private const int MaxHandlerId = 4095;

    private MethodHandler?[] _methods = new MethodHandler?[16];
    private ReplyHandler?[] _replies = new ReplyHandler?[8];

    protected Immortal() => Self = Outbox.GetProxy("");

    /// <summary>Whether the messages being processed were processed before, by a process that died.</summary>
    public bool IsReplaying { get; internal set; }

    /// <summary>Whether this process is the one that acts for the instance now.</summary>
    public bool IsPrimary { get; internal set; }

    internal Outbox Outbox { get; } = new();

    /// <summary>Sends to this very immortal, through the log as everything else.</summary>
    protected InstanceProxy Self { get; }

    /// <summary>Returns the proxy to an instance by name. The same name yields the same proxy.</summary>
    protected InstanceProxy Instance(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Outbox.GetProxy(name);
    }

    /// <summary>Registers the handler of a method. IDs, from 1 to 4095, are part of the service's contract.</summary>
    protected void OnMethod(int methodId, MethodHandler handler) => Register(ref _methods, methodId, handler);

    /// <summary>Registers what continues after a reply. IDs, from 1 to 4095, are kept in checkpoints with the calls that await one.</summary>
    protected void OnReply(int replyId, ReplyHandler handler) => Register(ref _replies, replyId, handler);

    /// <summary>Answers a call with a value. It may be done later than in the call's handler, even by a later process, but once.</summary>
    /// <exception cref="InvalidOperationException">The call has an answer already.</exception>
    protected void Reply(ReplyTo to, ReadOnlySpan<byte> value) => Outbox.Reply(to, ReturnKind.Value, value);

    /// <summary>Answers a call without a value.</summary>
    /// <inheritdoc cref="Reply"/>
    protected void ReplyVoid(ReplyTo to) => Outbox.Reply(to, ReturnKind.Void, []);

    /// <summary>Answers a call with an exception, given as its message.</summary>
    /// <inheritdoc cref="Reply"/>
    protected void ReplyException(ReplyTo to, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RefuseCall(to, message);
    }

    /// <summary>Asks the coordinator for a checkpoint now. During a replay this does nothing: the request was made before.</summary>
    protected void RequestCheckpoint() => Outbox.RequestCheckpoint();

    /// <summary>
    /// Brings an event from outside (a timer, a user, a device) into the immortal, as a call to itself. May be called from any thread;
    /// it waits while the coordinator does not take messages.
    /// </summary>
    /// <exception cref="InvalidOperationException">The immortal is not primary yet; <see cref="OnBecamePrimary"/> says when it is.</exception>
    public void PostImpulse(int methodId, ReadOnlySpan<byte> arguments) => Outbox.PostImpulse(methodId, arguments);

    /// <summary>Writes the whole state. It runs twice for each checkpoint and must write the same bytes both times, change nothing and send nothing.</summary>
    protected internal abstract void Save(CheckpointWriter writer);

    /// <summary>Reads back exactly what <see cref="Save"/> wrote.</summary>
    protected internal abstract void Load(CheckpointReader reader);

    /// <summary>Starts the work, once in the life of the instance. It is itself a logged message, so it replays.</summary>
    protected internal virtual void OnFirstStart(ReadOnlySpan<byte> initialMessage)
    {
    }

    /// <summary>
    /// From here on impulses are allowed: the place to start timers and listeners. It comes in every life, and is not replayed,
    /// so it must not change the state, and may send nothing but <see cref="PostImpulse"/>.
    /// </summary>
    protected internal virtual void OnBecamePrimary()
    {
    }

    /// <summary>
    /// The coordinator orders an upgrade: everything before this point was processed by the old code. Returns the immortal that goes on,
    /// with the state carried over; unanswered calls and connections move along by themselves.
    /// </summary>
    protected internal virtual Immortal OnUpgrade() => this;

    internal MethodHandler? FindMethod(int methodId) => (uint)methodId < (uint)_methods.Length ? _methods[methodId] : null;

    internal ReplyHandler? FindReply(int replyId) => (uint)replyId < (uint)_replies.Length ? _replies[replyId] : null;

    internal void RefuseCall(ReplyTo to, string message) =>
        Outbox.Reply(to, ReturnKind.Exception, Encoding.UTF8.GetBytes(message));

    private static void Register<T>(ref T?[] table, int id, T handler)
        where T : Delegate
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, MaxHandlerId);
        if (id >= table.Length) Array.Resize(ref table, id + 8);
        if (table[id] is not null) throw new ArgumentException($"ID {id} has a handler already", nameof(id));
        table[id] = handler;
    }
}
