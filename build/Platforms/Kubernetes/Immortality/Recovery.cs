using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <param name="Elapsed">From the kill to the first new progress.</param>
/// <param name="BackOff">How much of it the kubelet waited before it started the container again (CrashLoopBackOff); in whole seconds.</param>
public sealed record Recovery(ClusterKill Kill, string Victim, TimeSpan Elapsed, TimeSpan BackOff)
{
    /// <summary>What the service itself took.</summary>
    public TimeSpan Own => Elapsed > BackOff ? Elapsed - BackOff : TimeSpan.Zero;

    public override string ToString() =>
        BackOff > TimeSpan.Zero
            ? $"recovered in {Figures.Seconds(Own)}, after {Figures.Seconds(BackOff)} of CrashLoopBackOff"
            : $"recovered in {Figures.Seconds(Own)}";
}
