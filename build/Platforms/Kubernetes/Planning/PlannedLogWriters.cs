using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>What claims are to record (<see cref="LogWriters"/>) from before a change until what it starts is ready. Pure.</summary>
internal static class PlannedLogWriters
{
    /// <param name="wanted">As the manifests make them: each claim records its instance's new code alone.</param>
    /// <param name="fresh">The instances start from empty logs.</param>
    public static IReadOnlyList<KubeObject> On(IReadOnlyList<KubeObject> wanted, DeploymentSpec spec, ObservedObjects observed, bool fresh)
    {
        var workloads = wanted.Where(item => item.Kind == "StatefulSet").ToDictionary(item => item.Label(Naming.InstanceLabel)!);
        return [.. wanted.Select(item => item.Kind == "PersistentVolumeClaim" ? On(item, workloads[item.Label(Naming.InstanceLabel)!], spec, observed, fresh) : item)];
    }

    /// <summary>What the claim of a workload records whose code stays, although its live object shows other code.</summary>
    public static KubeObject OfSameCode(PlannedObject claim, PlannedObject workload)
    {
        if (LogWriter.Of(workload.Wanted!) is not { } same)
            return claim.Wanted!;
        var recorded = LogWriters.During(LogWriters.Of(claim.Live!), same, RolloutState.IsRunning(workload.Live!.As<V1StatefulSet>()), same);
        return claim.Wanted!.WithAnnotation(Naming.LogCodeAnnotation, recorded?.ToString());
    }

    private static KubeObject On(KubeObject claim, KubeObject workload, DeploymentSpec spec, ObservedObjects observed, bool fresh)
    {
        var live = observed.Find(claim);
        if (spec.Image is null)
            return claim.WithAnnotation(Naming.LogCodeAnnotation, live?.Annotation(Naming.LogCodeAnnotation)); // of a plan alone
        // A volume of its own is made with its claim, and empty then; a folder on a share may hold logs of a claim that is gone.
        if (LogWriters.Of(claim) is not { All: [var next] } || (!spec.IsOnShare && (live is null || fresh)))
            return claim;
        var set = observed.Find(workload);
        var (recorded, running) = (live is null ? null : LogWriters.Of(live), set is null ? null : Running(workload, set, next));
        if (running == next && recorded?.IsOnly(next) == true)
            return claim; // the most frequent case, with a hundred instances too
        recorded = LogWriters.During(recorded, running, set is not null && RolloutState.IsRunning(set.As<V1StatefulSet>()), next);
        return claim.WithAnnotation(Naming.LogCodeAnnotation, recorded?.ToString());
    }

    /// <summary>What others add to a container is no difference, so it makes no other code of it either.</summary>
    private static LogWriter? Running(KubeObject workload, KubeObject live, LogWriter next) =>
        LogWriter.Of(live) is { } running && running.Fingerprint != next.Fingerprint
        && ObjectComparison.Compare(workload, live).Any(difference => difference.IsOfCode)
            ? running
            : next;
}
