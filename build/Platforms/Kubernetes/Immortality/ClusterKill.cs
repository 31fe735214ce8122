using Ambrosia.Build.Oracle;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

public enum ClusterKillKind
{
    /// <summary>SIGKILL to the app in its container.</summary>
    App,

    /// <summary>SIGKILL to the coordinator in its container.</summary>
    Coordinator,

    /// <summary>SIGKILL to both in their container, and its pod is deleted before it can start again: what the death of its machine comes to.</summary>
    Pod,

    /// <summary>The pod's node is cordoned and drained of the deployment's pods.</summary>
    Drain,
}

/// <param name="OfJob">The victim is the Job's instance, else the Server's.</param>
/// <param name="AtBytes">The kill is due when the Server has this much.</param>
public sealed record ClusterKill(int Number, ClusterKillKind Kind, bool OfJob, long AtBytes)
{
    /// <summary>
    /// By the seed's schedule, every second kill a deletion of the pod: a new pod has no back-off, so that kills of processes do not pile up the
    /// kubelet's. Where pods can go elsewhere, the first of those drains the node: it takes
    /// longest, and needs most of the work still before it.
    /// </summary>
    public static IReadOnlyList<ClusterKill> Plan(int kills, int seed, long totalBytes, bool canDrain)
    {
        var planned = KillSchedule.Plan(kills, seed, totalBytes);
        var drained = canDrain ? planned.FirstOrDefault(kill => kill.Number % 2 == 0)?.Number : null;
        return
        [
            .. planned.Select(kill => new ClusterKill(
                kill.Number,
                kill.Number == drained ? ClusterKillKind.Drain
                : kill.Number % 2 == 0 ? ClusterKillKind.Pod
                : kill.OfApp ? ClusterKillKind.App : ClusterKillKind.Coordinator,
                kill.OfJob,
                kill.AtBytes)),
        ];
    }
}
