using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Looks at a deployment: one call while all is well, and everything that a diagnosis needs where something is not.</summary>
public sealed class RolloutObserver(ClusterServices services)
{
    private const int TailLines = 30;

    private readonly ServerClock _clock = new(services);

    /// <param name="since">When the wait began.</param>
    /// <exception cref="Errors.BuildException">AMB5010 to AMB5012: the cluster cannot be read.</exception>
    public async Task<RolloutSnapshot> LookAsync(ClusterAccess access, string serviceName, DateTimeOffset since, CancellationToken cancellation)
    {
        var command = new KubectlCommand(
            "get", "statefulsets,pods,persistentvolumeclaims", "--selector", Naming.Selector(serviceName), "--output", "json");
        var objects = ClusterObjects.Parse((await services.Kubectl.RunAsync(access, command, cancellation)).StandardOutput);
        var snapshot = new RolloutSnapshot(access, objects, new ClusterObjects(), new Dictionary<string, IReadOnlyList<string>>(), services.Time.GetUtcNow(), since);
        if (objects.StatefulSets.All(RolloutState.IsComplete))
            return snapshot;

        // What may not be read says nothing; the rest still does.
        var events = ReadAsync(access, ["events"], cancellation);
        var nodes = ReadAsync(access, ["nodes"], cancellation);
        var clock = _clock.OffsetAsync(access, cancellation);
        var lines = objects.Pods.Where(pod => !PodState.Of(pod).IsReady).Select(pod => LastLinesAsync(access, pod, cancellation)).ToList();
        await Task.WhenAll([events, nodes, clock, .. lines]);
        var offset = await clock;
        return snapshot with
        {
            Now = snapshot.Now + offset,
            Since = snapshot.Since + offset,
            Events = await events,
            Objects = objects with { Nodes = (await nodes).Nodes },
            LastLines = (await Task.WhenAll(lines)).ToDictionary(StringComparer.Ordinal),
        };
    }

    private async Task<ClusterObjects> ReadAsync(ClusterAccess access, string[] kinds, CancellationToken cancellation)
    {
        var result = await services.Kubectl.TryAsync(access, new KubectlCommand(["get", .. kinds, "--output", "json"]), cancellation);
        return result.Succeeded ? ClusterObjects.Parse(result.StandardOutput) : new ClusterObjects();
    }

    private async Task<KeyValuePair<string, IReadOnlyList<string>>> LastLinesAsync(ClusterAccess access, V1Pod pod, CancellationToken cancellation)
    {
        var name = pod.Metadata.Name;
        var state = PodState.Of(pod);
        if (!state.IsRunning && state.Former is null)
            return new(name, []);
        // While a container waits for its next life, plain logs are those of its last one.
        var result = await services.Kubectl.LogsAsync(access, name, Naming.Container, TailLines, previous: false, cancellation);
        if (result.Succeeded && result.StandardOutput.Length == 0 && state.Restarts > 0)
            result = await services.Kubectl.LogsAsync(access, name, Naming.Container, TailLines, previous: true, cancellation);
        var text = result.Succeeded ? services.Mask.Mask(result.StandardOutput) : "";
        return new(name, text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
