using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>
/// Whether the running coordinator has to take a checkpoint before its pod is replaced: messages that were recorded under one code are not
/// replayed under another. Pure.
/// </summary>
/// <param name="IsNeeded">False: nothing recorded would be replayed by other code.</param>
/// <param name="IsPossible">Meaningful when it is needed: the coordinator runs and is primary.</param>
public sealed record CheckpointDecision(bool IsNeeded, bool IsPossible, string Reason)
{
    /// <param name="pod">The instance's pod; null where there is none.</param>
    /// <param name="current">
    /// The StatefulSet's ControllerRevision of <c>status.currentRevision</c>, which was ready last; null where it is not known or need not be.
    /// </param>
    public static CheckpointDecision For(PlannedObject workload, V1Pod? pod, KubeObject? current = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (!workload.Differences.Any(difference => ContainerCode.IsAt(difference.Path)))
            return NotNeeded("the code stays the same");
        var set = workload.Live!.As<V1StatefulSet>();
        if (set.Spec.Replicas == 0 && pod is null)
            return new CheckpointDecision(true, false, "it is stopped, and whether its last checkpoint was done in time is not known");
        var container = pod?.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == Naming.Container);
        if (container is { Ready: true } && pod!.Metadata.DeletionTimestamp is null)
            return new CheckpointDecision(true, true, "it is primary");
        // The pod of a version that never became ready was never primary: it has recorded nothing. Its predecessor was asked for a checkpoint
        // when its code was replaced, and was not where only resources or annotations were.
        if (IsPending(set) && (pod is null || RevisionOf(pod) == set.Status.UpdateRevision))
        {
            return current is not null && !HasSameCode(workload.Live, current)
                ? NotNeeded("the version that is replaced never became ready, and the one before took a checkpoint")
                : new CheckpointDecision(true, false, "the version that is replaced never became ready, and the one before, of the same code, was not asked for a checkpoint");
        }

        return NeverStarted(container)
            ? NotNeeded("it never started")
            : new CheckpointDecision(true, false, pod is null ? "it has no pod" : "its pod is not ready");
    }

    /// <summary>Whether the newest version has not been ready yet.</summary>
    public static bool IsPending(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Status is { UpdateRevision: not null } status && status.CurrentRevision != status.UpdateRevision;
    }

    private static bool HasSameCode(KubeObject live, KubeObject revision)
    {
        var (pending, former) = (ContainerCode.ContainerOf(live.Content["spec"]), ContainerCode.ContainerOf(revision.Content["data"]?["spec"]));
        return pending is null || former is null || ContainerCode.AreSame(pending, former);
    }

    private static CheckpointDecision NotNeeded(string reason) => new(false, false, reason);

    private static string? RevisionOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue("controller-revision-hash", out var revision) == true ? revision : null;

    private static bool NeverStarted(V1ContainerStatus? container) =>
        container is { RestartCount: 0, State.Waiting: not null, LastState: null or { Terminated: null, Running: null } };
}
