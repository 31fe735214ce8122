using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Runs all controllers after each change of an object and when one of them asked for a time.</summary>
internal sealed class ControllerLoop(Cluster cluster)
{
    // Changes that come close together are looked at together, and requests get their turn between two looks.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly ResourceType Pod = ResourceType.Of("pods");

    private readonly Scheduler _scheduler = new(cluster);
    private readonly StatefulSetController _statefulSets = new(cluster);
    private readonly DeploymentController _deployments = new(cluster);
    private readonly VolumeController _volumes = new(cluster);
    private readonly GarbageCollector _garbage = new(cluster);

    public Kubelet Kubelet { get; } = new(cluster);

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var changed = cluster.Store.Changed;
            var poked = cluster.Poked;
            var due = Pass();
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var pause = due is null ? Timeout.InfiniteTimeSpan : due.Value - cluster.Now;
            if (due is null || pause > TimeSpan.Zero)
                await Task.WhenAny(changed, poked, Task.Delay(pause, cluster.Options.Clock, wait.Token));
            await wait.CancelAsync();
            await Task.Delay(Pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private DateTimeOffset? Pass()
    {
        lock (cluster.Store.Gate)
        {
            DateTimeOffset? due = null;
            var podsByOwner = cluster.Store.List(Pod).ToLookup(pod => pod.Owner().Text("uid") ?? "", StringComparer.Ordinal);
            foreach (var set in cluster.Store.List(ResourceType.Of("statefulsets")))
                Sooner(_statefulSets.Reconcile(set, podsByOwner));
            foreach (var deployment in cluster.Store.List(ResourceType.Of("deployments")))
                Sooner(_deployments.Reconcile(deployment));
            Sooner(_volumes.Reconcile());
            foreach (var pod in cluster.Store.List(Pod))
                Sooner(Step(pod));
            foreach (var time in Forget())
                Sooner(time);
            _garbage.Reconcile();
            return due;

            void Sooner(DateTimeOffset? time)
            {
                if (time is not null && (due is null || time < due))
                    due = time;
            }
        }
    }

    private DateTimeOffset? Step(JsonObject pod)
    {
        if (!cluster.Runtimes.TryGetValue(pod.Uid(), out var runtime))
            cluster.Runtimes[pod.Uid()] = runtime = new PodRuntime(pod);
        var behaviour = cluster.Scenario.Of(pod.Namespace(), pod.Name(), pod.Owner().Text("name"));
        if (pod.Text("spec", "nodeName") is null)
        {
            if (!pod.IsTerminating())
                _scheduler.Reconcile(pod, runtime, behaviour);
            return null;
        }

        if (pod.Text("status", "phase") is "Succeeded" or "Failed" && !pod.IsTerminating())
            return null;
        var node = cluster.Store.Get(ResourceType.Of("nodes"), "", pod.Text("spec", "nodeName") ?? "");
        var seen = (pod.ResourceVersion(), node?.ResourceVersion() ?? 0, behaviour);
        if (runtime.Seen == seen && !runtime.Touched && (runtime.Due is null || cluster.Now < runtime.Due))
            return runtime.Due;
        runtime.Touched = false;
        (runtime.Seen, runtime.Due) = (seen, Kubelet.Reconcile(pod, runtime, behaviour));
        return runtime.Due;
    }

    /// <summary>Pods that are gone, once none of their containers runs any more.</summary>
    /// <returns>When the others are to be looked at again.</returns>
    private List<DateTimeOffset?> Forget()
    {
        var living = cluster.Store.List(Pod).Select(pod => pod.Uid()).ToHashSet(StringComparer.Ordinal);
        List<DateTimeOffset?> due = [];
        foreach (var (uid, runtime) in cluster.Runtimes.Where(entry => !living.Contains(entry.Key)).ToList())
        {
            var next = runtime.IsAlive ? Kubelet.Abandon(runtime) : null;
            if (runtime.IsAlive)
                due.Add(next);
            else
                cluster.Runtimes.Remove(uid);
        }

        return due;
    }
}
