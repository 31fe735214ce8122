namespace Ambrosia.Wire;

/// <summary>The type byte of a <c>Msg</c>, the unit on every AMBROSIA channel.</summary>
public enum MessageType : byte
{
    Rpc = 0,
    AttachTo = 1,
    TakeCheckpoint = 2,
    Commit = 3,
    ReplayFrom = 4,
    RpcBatch = 5,
    Ping = 6,
    PingReturn = 7,
    Checkpoint = 8,
    InitialMessage = 9,
    UpgradeTakeCheckpoint = 10,
    TakeBecomingPrimaryCheckpoint = 11,
    UpgradeService = 12,
    CountReplayableRpcBatch = 13,
    TrimTo = 14,
    BecomingPrimary = 15,
}

/// <summary>The rpcType byte of a call.</summary>
public enum RpcType : byte
{
    /// <summary>The caller awaits a reply.</summary>
    Call = 0,

    /// <summary>Fire and forget; replayed.</summary>
    Fork = 1,

    /// <summary>Fire and forget; an event from outside, never replayed by its sender.</summary>
    Impulse = 2,
}

/// <summary>The first byte of an RPC's body: a call, or one of the three kinds of reply.</summary>
public enum ReturnKind : byte
{
    Call = 0,
    Value = 1,
    Void = 2,
    Exception = 3,
}
