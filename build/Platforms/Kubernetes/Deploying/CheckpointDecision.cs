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
    private const string Container = "spec.template.spec.containers[" + Naming.Container + "]";

    /// <summary>What of a container makes other code of it.</summary>
    private static readonly string[] CodeFields = ["image", "command", "args", "env"];

    /// <param name="pod">The instance's pod; null where there is none.</param>
    public static CheckpointDecision For(PlannedObject workload, V1Pod? pod)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (!workload.Differences.Any(difference => CodeFields.Any(field => difference.Path.StartsWith($"{Container}.{field}", StringComparison.Ordinal))))
            return NotNeeded("the code stays the same");
        var set = workload.Live!.As<V1StatefulSet>();
        if (set.Spec.Replicas == 0 && pod is null)
            return NotNeeded("it is stopped, and took a checkpoint when it stopped");
        var container = pod?.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == Naming.Container);
        if (container is { Ready: true } && pod!.Metadata.DeletionTimestamp is null)
            return new CheckpointDecision(true, true, "it is primary");
        // The pod of a version that never became ready was never primary: it has recorded nothing, and its predecessor was asked before.
        if (set.Status is { } status && status.UpdateRevision is not null && status.CurrentRevision != status.UpdateRevision
            && (pod is null || RevisionOf(pod) == status.UpdateRevision))
        {
            return NotNeeded("the version that is replaced never became ready");
        }

        return NeverStarted(container)
            ? NotNeeded("it never started")
            : new CheckpointDecision(true, false, pod is null ? "it has no pod" : "its pod is not ready");
    }

    private static CheckpointDecision NotNeeded(string reason) => new(false, false, reason);

    private static string? RevisionOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue("controller-revision-hash", out var revision) == true ? revision : null;

    private static bool NeverStarted(V1ContainerStatus? container) =>
        container is { RestartCount: 0, State.Waiting: not null, LastState: null or { Terminated: null, Running: null } };
}
