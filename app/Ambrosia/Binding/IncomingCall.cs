using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>A received call. It lives in the receive buffer, so it is valid only until its handler returns.</summary>
public readonly ref struct IncomingCall
{
    internal IncomingCall(int methodId, RpcType type, ReadOnlySpan<byte> arguments, ReplyTo replyTo)
    {
        MethodId = methodId;
        Type = type;
        Arguments = arguments;
        ReplyTo = replyTo;
    }

    public int MethodId { get; }

    public RpcType Type { get; }

    /// <summary>The argument bytes as the caller sent them.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Where the answer goes. Only set when <see cref="Type"/> is <see cref="RpcType.Call"/>; it may be kept, and checkpointed, to answer later.</summary>
    public ReplyTo ReplyTo { get; }
}

/// <summary>Handles one method of an immortal.</summary>
public delegate void MethodHandler(in IncomingCall call);
