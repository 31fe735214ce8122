using System.Runtime.CompilerServices;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// Sends to one instance; a typed proxy of a service wraps one. All members belong to the immortal's handlers: nothing may be sent
/// from another thread or from <see cref="Immortal.Save"/>, because what is sent must follow from the messages received.
/// </summary>
public sealed class InstanceProxy
{
    private readonly Outbox _outbox;
    private byte[] _prefix = [];
    private bool _ready;

    internal InstanceProxy(Outbox outbox, string name)
    {
        _outbox = outbox;
        Name = name;
    }

    /// <summary>The instance's name; empty for the immortal itself.</summary>
    public string Name { get; }

    /// <summary>Sends a call that awaits no reply. It is processed exactly once, in order, whatever is killed meanwhile.</summary>
    public void Fork(int methodId, ReadOnlySpan<byte> arguments) => arguments.CopyTo(BeginFork(methodId, arguments.Length));

    /// <summary>As <see cref="Fork"/>, but returns the argument bytes in place, for the caller to fill completely before the next send.</summary>
    public Span<byte> BeginFork(int methodId, int argumentsLength) => Begin(methodId, RpcType.Fork, argumentsLength);

    /// <summary>Sends an event from outside. Unlike a Fork it is not sent again on replay, and may get lost when its sender dies at once.</summary>
    /// <exception cref="InvalidOperationException">The immortal is still replaying: a replay must not make new events.</exception>
    public void Impulse(int methodId, ReadOnlySpan<byte> arguments)
    {
        _outbox.RefuseImpulseBeforePrimary();
        arguments.CopyTo(Begin(methodId, RpcType.Impulse, arguments.Length));
    }

    /// <summary>
    /// Sends a call whose reply continues in the handler <paramref name="replyId"/>, which gets <paramref name="context"/> back.
    /// The continuation is data, and not a C# <c>await</c>, because it has to outlive the process: it is part of the checkpoint,
    /// and the state machine that the compiler makes of an <c>await</c> cannot be saved and restored.
    /// </summary>
    /// <returns>The call's number, unique within the calling instance.</returns>
    public long Call(int methodId, ReadOnlySpan<byte> arguments, int replyId, ReadOnlySpan<byte> context = default)
    {
        if (!_ready) Prepare();
        var callId = _outbox.AddPendingCall(replyId, context);
        var caller = _outbox.OwnNameUtf8;
        var length = checked(_prefix.Length + VarInt.Size(methodId) + 1 + VarInt.Size(caller.Length) + caller.Length + VarInt.Size(callId) + arguments.Length);
        var message = _outbox.Append(length);
        _prefix.CopyTo(message);
        var n = _prefix.Length;
        n += VarInt.Write(message[n..], methodId);
        message[n++] = (byte)RpcType.Call;
        n += VarInt.Write(message[n..], caller.Length);
        caller.CopyTo(message[n..]);
        n += caller.Length;
        n += VarInt.Write(message[n..], callId);
        arguments.CopyTo(message[n..]);
        return callId;
    }

    internal void Reply(ReturnKind kind, long callId, ReadOnlySpan<byte> value)
    {
        if (!_ready) Prepare();
        var sender = _outbox.OwnNameUtf8;
        var valueLength = kind == ReturnKind.Void ? 0 : VarInt.Size(value.Length) + value.Length;
        var length = checked(_prefix.Length + VarInt.Size(sender.Length) + sender.Length + VarInt.Size(callId) + valueLength);
        var message = _outbox.Append(length);
        _prefix.CopyTo(message);
        var n = _prefix.Length;
        message[n - 1] = (byte)kind;
        n += VarInt.Write(message[n..], sender.Length);
        sender.CopyTo(message[n..]);
        n += sender.Length;
        n += VarInt.Write(message[n..], callId);
        if (kind == ReturnKind.Void) return;
        n += VarInt.Write(message[n..], value.Length);
        value.CopyTo(message[n..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Begin(int methodId, RpcType type, int argumentsLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(argumentsLength);
        if (!_ready) Prepare();
        var prefix = _prefix;
        var message = _outbox.Append(checked(prefix.Length + VarInt.Size(methodId) + 1 + argumentsLength));
        prefix.CopyTo(message);
        var n = prefix.Length;
        n += VarInt.Write(message[n..], methodId);
        message[n++] = (byte)type;
        return message[n..];
    }

    /// <summary>Message type, destination and "a call" never change, so they are encoded once.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Prepare()
    {
        var name = _outbox.IsSelf(Name) ? [] : Encoding.UTF8.GetBytes(Name);
        if (name.Length > 0) _outbox.AttachOnce(Name, name);
        _prefix = new byte[1 + VarInt.Size(name.Length) + name.Length + 1];
        _prefix[0] = (byte)MessageType.Rpc;
        name.CopyTo(_prefix, 1 + VarInt.Write(_prefix.AsSpan(1), name.Length));
        _prefix[^1] = (byte)ReturnKind.Call;
        _ready = true;
    }
}
