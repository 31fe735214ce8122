namespace Ambrosia.Build;

/// <summary>The exit code of a run that succeeded and still has something to tell by it, such as a plan that is not empty (2).</summary>
public sealed class ExitStatus
{
    /// <summary>0 unless a task sets it.</summary>
    public int Code { get; set; }
}
