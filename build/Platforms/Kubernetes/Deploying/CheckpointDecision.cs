using System.Diagnostics.CodeAnalysis;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
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
    /// The StatefulSet's ControllerRevision of <c>status.currentRevision</c>, which its controller saw ready last; null where it is not known or need not be.
    /// </param>
    /// <param name="words">What the pod's coordinator says, where <see cref="NeedsWords"/>.</param>
    /// <param name="othersRan">Whether another pod of the same version ran, where <see cref="NeedsHistory"/>; null where that is not known.</param>
    public static CheckpointDecision For(
        PlannedObject workload, V1Pod? pod, KubeObject? current = null, Recorded? words = null, bool? othersRan = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (!workload.ChangesCode)
            return NotNeeded("the code stays the same");
        var set = workload.Live!.As<V1StatefulSet>();
        if (set.Spec.Replicas == 0 && pod is null)
            return Impossible("it is stopped, and whether its last checkpoint was done in time is not known");
        if (pod is null)
        {
            return othersRan == false && RolloutState.IsPending(set)
                ? WithoutThisVersion(workload.Live, current, "no pod of the version that is replaced was made")
                : Impossible("it has no pod");
        }

        if (pod.Metadata.DeletionTimestamp is not null)
            return Impossible("its pod is ending");
        if (IsReady(pod))
            return new CheckpointDecision(true, true, "it is primary");
        return (Recorded.FromStatus(pod) ?? words) switch
        {
            { Kind: RecordedKind.NothingAtAll, Reason: var reason } => NotNeeded(reason),
            // Of a new version only what is known to have run counts: its pod is the first one as a rule.
            { Kind: RecordedKind.NotByThisPod, Reason: var reason } when IsOfNewVersion(set, pod) && othersRan != true => WithoutThisVersion(workload.Live, current, reason),
            { Kind: RecordedKind.NotByThisPod } when !RolloutState.IsPending(set) && othersRan == false => NotNeeded("none of its pods ever ran"),
            { Kind: RecordedKind.NotByThisPod, Reason: var reason } =>
                Impossible($"it is not ready, and what an earlier pod of the same version has recorded is not known ({reason})"),
            { Reason: var reason } => Impossible($"it is not ready, and {reason}"),
            null => Impossible("its pod is not ready"),
        };
    }

    /// <summary>Whether the pod's status alone does not tell what it may have recorded.</summary>
    public static bool NeedsWords(PlannedObject workload, [NotNullWhen(true)] V1Pod? pod)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return pod is { Metadata.DeletionTimestamp: null } && workload.ChangesCode && !IsReady(pod) && Recorded.FromStatus(pod) is null;
    }

    /// <summary>Whether it matters what pods did that are not there any more: the present one has recorded nothing, or there is none.</summary>
    /// <param name="words">As for <see cref="For"/>.</param>
    public static bool NeedsHistory(PlannedObject workload, V1Pod? pod, Recorded? words)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (!workload.ChangesCode)
            return false;
        var set = workload.Live!.As<V1StatefulSet>();
        return pod is null
            ? set.Spec.Replicas != 0 && RolloutState.IsPending(set)
            : pod.Metadata.DeletionTimestamp is null && !IsReady(pod) && (Recorded.FromStatus(pod) ?? words)?.Kind == RecordedKind.NotByThisPod;
    }

    /// <summary>The one before was asked for a checkpoint when its code was replaced, and was not where only resources or annotations were.</summary>
    private static CheckpointDecision WithoutThisVersion(KubeObject live, KubeObject? current, string reason) => current switch
    {
        null => Impossible($"{reason}, and which version ran before cannot be seen"),
        _ when HasSameCode(live, current) => Impossible($"{reason}, and the version before, of the same code, was not asked for a checkpoint"),
        _ => NotNeeded($"{reason}, and the version before took a checkpoint"),
    };

    /// <summary>Of one that its controller has not seen ready yet.</summary>
    public static bool IsOfNewVersion(V1StatefulSet set, V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pod);
        return RolloutState.IsPending(set) && RolloutState.RevisionOf(pod) == set.Status.UpdateRevision;
    }

    private static bool IsReady(V1Pod pod) => Recorded.ContainerOf(pod) is { Ready: true };

    private static bool HasSameCode(KubeObject live, KubeObject revision)
    {
        var (pending, former) = (ContainerCode.ContainerOf(live.Content["spec"]), ContainerCode.ContainerOf(revision.Content["data"]?["spec"]));
        return pending is null || former is null || ContainerCode.Fingerprint(pending) == ContainerCode.Fingerprint(former);
    }

    private static CheckpointDecision NotNeeded(string reason) => new(false, false, reason);

    private static CheckpointDecision Impossible(string reason) => new(true, false, reason);
}
