namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>What to do about a rollout that is not complete.</summary>
public abstract record RolloutDecision
{
    public sealed record Wait : RolloutDecision;

    /// <summary>A new pod starts without the old one's back-off.</summary>
    public sealed record Replace(string Pod, string? Uid, string Reason) : RolloutDecision;

    /// <summary>It will not come right by itself, or has not in time.</summary>
    public sealed record Fail(string Reason) : RolloutDecision;
}
