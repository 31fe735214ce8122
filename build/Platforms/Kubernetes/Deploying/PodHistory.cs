using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>
/// What is known of a StatefulSet's pods that are not there any more. Events are kept for an hour as a rule, and may be missing: where they do not
/// tell, the answer is null. Pure.
/// </summary>
public static class PodHistory
{
    /// <summary>Below the hour for which API servers keep events (kube-apiserver --event-ttl).</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(45);

    /// <summary>Less than a coordinator takes to start, to record something and to go again.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(3);

    /// <summary>False: the controller has deleted the pod of the version before, and has made none since; it may not (a quota, an admission rule).</summary>
    public static bool? AnyMadeSinceDeletion(V1StatefulSet set, IEnumerable<Corev1Event> events)
    {
        var own = OfSet(set, events);
        // Times are in whole seconds: of the same one, the creation may be the later.
        return Last(own, "SuccessfulDelete") is { } deleted && !(Last(own, "SuccessfulCreate") >= deleted) ? false : null;
    }

    /// <summary>True: since the pod of the version before was deleted, a container ran in another pod than this one.</summary>
    public static bool? AnotherRanSinceDeletion(V1StatefulSet set, V1Pod pod, IEnumerable<Corev1Event> events)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var all = events.ToList();
        return Last(OfSet(set, all), "SuccessfulDelete") is { } deleted && all.Exists(item => IsStart(item, set) && item.InvolvedObject.Uid != pod.Uid() && RolloutDiagnosis.TimeOf(item) > deleted)
            ? true
            : null;
    }

    /// <summary>False: no container of this StatefulSet ever ran, but those in this pod.</summary>
    /// <param name="now">By the API server's clock, which all times here are of; null where it is not known.</param>
    public static bool? AnyRan(V1StatefulSet set, V1Pod pod, IEnumerable<Corev1Event> events, DateTimeOffset? now)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pod);
        if (set.Metadata.CreationTimestamp is not { } made)
            return null;
        if (pod.Metadata.CreationTimestamp - made <= AtOnce)
            return false; // it is the first one
        var all = events.ToList();
        // Its own creation of a pod is the sign that events can be seen at all.
        return now - made < Kept && Last(OfSet(set, all), "SuccessfulCreate") is not null
            && !all.Exists(item => IsStart(item, set) && item.InvolvedObject.Uid != pod.Uid())
                ? false
                : null;
    }

    private static IEnumerable<Corev1Event> OfSet(V1StatefulSet set, IEnumerable<Corev1Event> events)
    {
        ArgumentNullException.ThrowIfNull(set);
        return events.Where(item => item.InvolvedObject?.Uid == set.Uid());
    }

    private static bool IsStart(Corev1Event item, V1StatefulSet set) =>
        item is { Reason: "Started", InvolvedObject.Kind: "Pod" } && item.InvolvedObject.Name == $"{set.Name()}-0";

    private static DateTime? Last(IEnumerable<Corev1Event> events, string reason) => events.Where(item => item.Reason == reason).Max(item => (DateTime?)RolloutDiagnosis.TimeOf(item));
}
