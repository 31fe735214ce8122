using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>A received answer to an awaiting call. It is valid only until its handler returns.</summary>
public readonly ref struct IncomingReply
{
    internal IncomingReply(ReturnKind kind, long callId, ReadOnlySpan<byte> value, ReadOnlySpan<byte> context)
    {
        Kind = kind;
        CallId = callId;
        Value = value;
        Context = context;
    }

    /// <summary><see cref="ReturnKind.Value"/>, <see cref="ReturnKind.Void"/> or <see cref="ReturnKind.Exception"/>.</summary>
    public ReturnKind Kind { get; }

    public long CallId { get; }

    /// <summary>The returned bytes; empty for <see cref="ReturnKind.Void"/>.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>What the caller handed over when it made the call.</summary>
    public ReadOnlySpan<byte> Context { get; }

    /// <summary>Throws a <see cref="RemoteException"/> when the callee answered with an exception.</summary>
    public void ThrowIfException()
    {
        if (Kind == ReturnKind.Exception) throw new RemoteException(Encoding.UTF8.GetString(Value));
    }
}

/// <summary>Continues after an awaiting call.</summary>
public delegate void ReplyHandler(in IncomingReply reply);
