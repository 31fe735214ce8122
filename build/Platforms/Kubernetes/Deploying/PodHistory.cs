using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>What a StatefulSet's events prove of pods that are not there any more. Events are kept for an hour as a rule, and may be missing. Pure.</summary>
public static class PodHistory
{
    /// <summary>Below the hour for which API servers keep events (kube-apiserver --event-ttl).</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(45);

    /// <summary>The controller has deleted the pod of the version before, and has made none since: it may not (a quota, an admission rule).</summary>
    public static bool NoneSinceDeletion(V1StatefulSet set, IEnumerable<Corev1Event> events)
    {
        ArgumentNullException.ThrowIfNull(set);
        var own = events.Where(item => item.InvolvedObject?.Uid == set.Uid()).ToList();
        var deleted = Last(own, "SuccessfulDelete");
        // Times are in whole seconds: of the same one, the creation may be the later.
        return deleted is not null && !(Last(own, "SuccessfulCreate") >= deleted);
    }

    /// <summary>No container of this StatefulSet was ever started, as far back as it goes.</summary>
    public static bool NoneEverStarted(V1StatefulSet set, IEnumerable<Corev1Event> events, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(events);
        var all = events.ToList();
        // Its own creation of a pod is the sign that events can be seen at all.
        return set.Metadata.CreationTimestamp is { } created && now - created < Kept
            && all.Exists(item => item.InvolvedObject?.Uid == set.Uid() && item.Reason == "SuccessfulCreate")
            && !all.Exists(item => item.InvolvedObject is { Kind: "Pod" } pod && pod.Name == $"{set.Name()}-0" && item.Reason == "Started");
    }

    private static DateTime? Last(IEnumerable<Corev1Event> events, string reason) =>
        events.Where(item => item.Reason == reason).Max(item => item.LastTimestamp ?? item.EventTime);
}
