namespace Ambrosia.Coordinator.Storage.Leases;

internal enum LeaseLossKind
{
    /// <summary>Another owner holds the next claim.</summary>
    TakenOver,

    /// <summary>Our own claim is gone: somebody emptied or replaced the directory.</summary>
    Removed,

    /// <summary>It could not be renewed in time; the share failed or hung.</summary>
    ShareFailed,

    /// <summary>It was not renewed in time, without an error: this process or its machine stood still.</summary>
    StoodStill,
}

/// <summary>Why a lease is no longer ours.</summary>
/// <param name="By">The new owner, where it is known.</param>
/// <param name="Error">What the share said last.</param>
internal sealed record LeaseLoss(LeaseLossKind Kind, LeaseProcess? By = null, Exception? Error = null)
{
    /// <summary>A restart is right in each case: it waits for its turn, and recovers what is on the share.</summary>
    public CoordinatorException ToException(string directory, TimeSpan duration) => Kind switch
    {
        LeaseLossKind.TakenOver => new CoordinatorException(
            Codes.LogLocked, $"Another coordinator took over the log directory {directory}{(By is null ? "" : $": {By}")}.",
            "This one was stopped, paused or cut off for longer than its lease.", "Nothing that was acknowledged is lost. Started again, it waits for its turn.",
            ExitCodes.Restart),
        LeaseLossKind.Removed => new CoordinatorException(
            Codes.LogLocked, $"The lease on the log directory {directory} was deleted.", "The directory was emptied or replaced while it was in use.",
            "Stop a coordinator before its log is deleted or moved.", ExitCodes.Restart),
        LeaseLossKind.StoodStill => new CoordinatorException(
            Codes.LogLocked, $"The lease on the log directory {directory} ran out after {duration.TotalSeconds:0.#} s without being renewed.",
            "This process or its machine stood still; another coordinator may have taken over.",
            "Nothing that was acknowledged is lost. Started again, it waits for its turn.", ExitCodes.Restart),
        _ => new CoordinatorException(
            Codes.LogIo, $"The lease on the log directory {directory} could not be renewed for {duration.TotalSeconds:0.#} s: {Error?.Message ?? "the share does not answer"}",
            "The network share is not reachable, or was lost.", "Look at the share and its mount, and start again. Nothing that was acknowledged is lost.",
            ExitCodes.Restart, Error),
    };
}
