using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Oracle;

/// <summary>
/// One kill, from the moment it was made to the first new progress after the victim is back. What the Server had when the victim came back is
/// no progress yet: a coordinator replays it.
/// </summary>
/// <param name="victim">As the lines about this kill call it.</param>
/// <param name="killed">How far the work was.</param>
public sealed class KillRecovery(int number, string victim, WorkProgress killed)
{
    private long _height = killed.HighestReceived;

    public int Number => number;

    public string Victim => victim;

    /// <summary>The victim was seen ready in a life after the kill.</summary>
    public bool IsBack { get; private set; }

    public bool IsComplete { get; private set; }

    public void Observe(bool isBack, WorkProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (isBack && !IsBack)
            (IsBack, _height) = (true, Math.Max(_height, progress.HighestReceived));
        // What the Server's coordinator held already may be the whole rest: then its end is the progress.
        IsComplete |= IsBack && (progress.HighestReceived > _height || progress.IsOver);
    }

    /// <param name="limit">How long it was awaited, in words.</param>
    public BuildException Missing(string limit, string? toolOutput) => new(
        ErrorCode.ImmortalityFailed,
        $"No recovery from kill {number} ({victim}) within {limit}.",
        cause: IsBack ? "It came back, but no new bytes arrived." : "It never became ready again.",
        toolOutput: toolOutput);
}
