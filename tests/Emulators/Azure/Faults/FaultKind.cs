namespace Ambrosia.Emulators.Azure.Faults;

public enum FaultKind
{
    /// <summary>The request gets an error and does nothing.</summary>
    Refuse,

    /// <summary>The reply comes late.</summary>
    Slow,

    /// <summary>The connection is dropped before anything is done.</summary>
    Drop,

    /// <summary>The request is carried out, but the connection is dropped before its reply.</summary>
    LoseReply,

    /// <summary>The request is accepted, and its operation ends in Failed.</summary>
    FailOperation,
}
