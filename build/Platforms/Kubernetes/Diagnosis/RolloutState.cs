using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>
/// Whether what was applied last is what runs, as <c>kubectl rollout status</c> decides it for a StatefulSet. Fields that are zero are
/// left out by the API server. Pure.
/// </summary>
public static class RolloutState
{
    public static bool IsComplete(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var wanted = set.Spec?.Replicas ?? 1;
        var status = set.Status;
        return status is not null
            && (status.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0)
            && (wanted == 0 || ((status.ReadyReplicas ?? 0) == wanted && status.CurrentRevision == status.UpdateRevision && UpdatedReplicas(status) == wanted))
            && (status.Replicas == wanted);
    }

    /// <summary>As <see cref="IsComplete"/>, and not stopped.</summary>
    public static bool IsRunning(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Spec?.Replicas != 0 && IsComplete(set);
    }

    /// <summary>Whether the newest version has not been seen ready by its controller yet: it is the current one as soon as that has.</summary>
    public static bool IsPending(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Status is { UpdateRevision: not null } status && status.CurrentRevision != status.UpdateRevision;
    }

    /// <summary>Once all pods are updated the controller makes the new revision the current one, and may leave the count of updated ones out.</summary>
    private static int UpdatedReplicas(V1StatefulSetStatus status) =>
        status.UpdatedReplicas ?? (status.CurrentRevision == status.UpdateRevision ? status.CurrentReplicas ?? 0 : 0);

    /// <summary>The revision that the pods of the applied template carry; null while the controller has not seen it.</summary>
    public static string? WantedRevision(V1StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return (set.Status?.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0) ? set.Status?.UpdateRevision : null;
    }

    /// <summary>The revision that a pod was made of; null where its label is missing.</summary>
    public static string? RevisionOf(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Metadata.Labels?.TryGetValue("controller-revision-hash", out var revision) == true ? revision : null;
    }
}
