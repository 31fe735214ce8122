using System.Globalization;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>Asks running coordinators for a checkpoint before their code is replaced.</summary>
public sealed class Checkpoints(KubectlCli kubectl, IBuildConsole console, ISecretMask mask)
{
    /// <summary>The coordinator itself waits ten minutes for its app.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(11);

    /// <summary>A container that has just failed is started again while one looks at it, and less and less often later.</summary>
    private const int Attempts = 3;

    private const int AllLines = -1;

    private const string LostAnswer = "unknown stream id";

    /// <summary>Returns when all that will be replaced have taken one, or need none.</summary>
    /// <exception cref="BuildException">AMB5014: one cannot be had; nothing was changed.</exception>
    public async Task TakeAsync(ClusterAccess access, KubernetesPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        CheckLogsLeftAlone(access, plan);
        var rolled = plan.Workloads.Where(workload => workload.RollsPod).ToList();
        if (rolled.Count == 0)
            return;
        var pods = await kubectl.ListAsync<V1Pod>(access, "pods", Naming.InstanceSelector(plan.Spec.ServiceName), cancellation);
        var revisions = await RevisionsAsync(access, rolled, cancellation);
        List<(PlannedObject Workload, CheckpointDecision Decision)> decisions = [];
        foreach (var workload in rolled)
        {
            var pod = pods.FirstOrDefault(pod => pod.Name() == Naming.Pod(workload.Instance!));
            var revision = revisions.GetValueOrDefault(workload.Live!.Name);
            decisions.Add((workload, await DecideAsync(access, workload, pod, revision, plan.Spec.IsOriginalRuntime, cancellation)));
        }

        if (plan.Spec.IsOriginalRuntime)
        {
            foreach (var (workload, _) in decisions.Where(item => item.Decision.IsNeeded))
                console.Warning($"{workload.Instance}: Microsoft's coordinator takes no checkpoint on demand; the new code replays what the old one has recorded since its last.");
            return;
        }

        foreach (var (workload, decision) in decisions.Where(item => item.Decision is { IsNeeded: true, IsPossible: false }))
            throw Unavailable(access, plan, workload, decision.Reason, null);
        var instances = plan.Spec.Settings.Instances.ToDictionary(instance => instance.Name);
        await Parallel.ForEachAsync(
            decisions.Where(item => item.Decision.IsNeeded),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation },
            async (item, token) => await TakeAsync(access, plan, item.Workload, instances[item.Workload.Instance!], token));
    }

    /// <summary>With the words of the pod's coordinator, and with events, where they are needed.</summary>
    private async Task<CheckpointDecision> DecideAsync(
        ClusterAccess access, PlannedObject workload, V1Pod? pod, KubeObject? revision, bool isOriginalRuntime, CancellationToken cancellation)
    {
        Recorded? words = null;
        for (var attempt = 0; !isOriginalRuntime && words is null && attempt < Attempts && CheckpointDecision.NeedsWords(workload, pod); attempt++)
        {
            var (name, container) = (pod.Name(), Recorded.ContainerOf(pod)!);
            var current = Recorded.HasCurrentLife(container) ? await WordsAsync(access, name, previous: false, cancellation) : null;
            var previous = Recorded.HasPreviousLife(container) ? await WordsAsync(access, name, previous: true, cancellation) : null;
            var look = new KubectlCommand("get", $"pod/{name}", "--ignore-not-found", "--output", "json");
            var now = KubectlCli.Items(await kubectl.RunAsync(access, look, cancellation)) is [var item] ? new KubeObject(item).As<V1Pod>() : null;
            if (now is not null && now.Uid() == pod.Uid() && Recorded.ContainerOf(now) is { } then && Recorded.IsSameLife(container, then))
                words = Recorded.FromWords(now, current, previous);
            pod = now;
        }

        var othersRan = CheckpointDecision.NeedsHistory(workload, pod, words) ? await OthersRanAsync(access, workload.Live!.As<V1StatefulSet>(), pod, cancellation) : null;
        return CheckpointDecision.For(workload, pod, revision, words, othersRan);
    }

    /// <summary>Null where events do not tell, or may not be read.</summary>
    private async Task<bool?> OthersRanAsync(ClusterAccess access, V1StatefulSet set, V1Pod? pod, CancellationToken cancellation)
    {
        var result = await kubectl.TryAsync(access, new KubectlCommand("get", "events", "--output", "json"), cancellation);
        List<Corev1Event> events = result.Succeeded ? [.. KubectlCli.Items(result).Select(item => new KubeObject(item).As<Corev1Event>())] : [];
        return pod is null ? PodHistory.AnyMadeSinceDeletion(set, events)
            : CheckpointDecision.IsOfNewVersion(set, pod) ? PodHistory.AnotherRanSinceDeletion(set, pod, events)
            : PodHistory.AnyRan(set, pod, events, await kubectl.ServerTimeAsync(access, cancellation));
    }

    /// <summary>What a container wrote in one of its lives; null where it cannot be read, and so is not known.</summary>
    private async Task<string?> WordsAsync(ClusterAccess access, string pod, bool previous, CancellationToken cancellation) =>
        await kubectl.LogsAsync(access, pod, Naming.Container, AllLines, previous, cancellation) is { Succeeded: true } result ? result.StandardOutput : null;

    /// <summary>What was ready last, of those StatefulSets whose newest version has not been ready yet; by their names.</summary>
    private async Task<Dictionary<string, KubeObject>> RevisionsAsync(ClusterAccess access, IEnumerable<PlannedObject> rolled, CancellationToken cancellation)
    {
        var pending = rolled.Select(workload => workload.Live!.As<V1StatefulSet>()).Where(set => RolloutState.IsPending(set) && set.Status.CurrentRevision is not null)
            .ToDictionary(set => set.Status.CurrentRevision, set => set.Name());
        if (pending.Count == 0)
            return [];
        var command = new KubectlCommand(["get", .. pending.Keys.Select(name => $"controllerrevision/{name}"), "--ignore-not-found", "--output", "json"]);
        var result = await kubectl.TryAsync(access, command, cancellation);
        // Who may not look does not know, and is told so by the decision.
        return result.Failure is null or { Kind: KubectlFailureKind.Forbidden }
            ? KubectlCli.Items(result).Select(item => new KubeObject(item)).ToDictionary(revision => pending[revision.Name])
            : throw kubectl.Failed(command, result);
    }

    /// <summary>Nobody can be asked where the StatefulSet is gone: what its claim records says whether the new code may replay its logs.</summary>
    private void CheckLogsLeftAlone(ClusterAccess access, KubernetesPlan plan)
    {
        foreach (var (workload, claim, decision) in LeftLogs.In(plan))
        {
            switch (decision)
            {
                case LeftLogs.Refuse refusal:
                    throw refusal.ToException(access, plan.Spec.ServiceName, workload.Instance!, claim.Object.Id, plan.Spec.IsOnShare);
                case LeftLogs.Warn:
                    console.Warning(
                        $"{workload.Instance} has a volume for logs and no StatefulSet: if it holds logs, they are replayed by {plan.Spec.Image?.Reference ?? "the new code"}, "
                        + "whichever code recorded them.");
                    break;
            }
        }
    }

    private async Task TakeAsync(
        ClusterAccess access, KubernetesPlan plan, PlannedObject workload, InstanceSettings instance, CancellationToken cancellation)
    {
        // The port that the running coordinator was started with, not the one that it will have.
        var port = HealthPortOf(workload) ?? Naming.HealthPort(instance);
        string[] command = [Naming.CoordinatorProgram, "checkpoint", "--health-port", port.ToString(CultureInfo.InvariantCulture)];
        KubectlResult result;
        try
        {
            result = await AskAsync(access, Naming.Pod(instance.Name), command, cancellation);
        }
        catch (BuildException exception) when (exception.Code is ErrorCode.ClusterRequestFailed or ErrorCode.ClusterForbidden or ErrorCode.ToolTimedOut)
        {
            throw Unavailable(access, plan, workload, "kubectl exec failed", exception.Message);
        }

        if (!result.Succeeded)
            throw Unavailable(access, plan, workload, "the coordinator refused", mask.Mask((result.StandardError + result.StandardOutput).Trim()));
        console.Event($"{instance.Name}: checkpoint taken; the new code starts from it");
    }

    /// <summary>A checkpoint may be asked for again: kubectl before 1.34 can lose an answer that comes at once (kubernetes/kubernetes#131189).</summary>
    private async Task<KubectlResult> AskAsync(ClusterAccess access, string pod, string[] command, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await kubectl.ExecAsync(access, pod, Naming.Container, command, null, Timeout, cancellation);
            }
            catch (BuildException exception) when (attempt < Attempts && exception.Message.Contains(LostAnswer, StringComparison.OrdinalIgnoreCase))
            {
                console.Event($"{pod}: kubectl exec has lost the answer; asked again");
            }
        }
    }

    private static int? HealthPortOf(PlannedObject workload) => workload.Live!.As<V1StatefulSet>().Spec.Template.Spec.Containers
        .FirstOrDefault(container => container.Name == Naming.Container)?.Ports?.FirstOrDefault(port => port.Name == "health")?.ContainerPort;

    /// <summary>Each way out is one that does not end here again.</summary>
    internal static BuildException Unavailable(ClusterAccess access, KubernetesPlan plan, PlannedObject workload, string reason, string? output)
    {
        var alone = plan.Spec.IsOnShare
            ? ""
            : $"; {UserCommands.Line(access, "delete", workload.Object.Id, $"persistentvolumeclaim/{Naming.Claim(workload.Instance!)}")} "
            + $"before the next deployment lets {workload.Instance} alone do so";
        return new BuildException(
            ErrorCode.CheckpointUnavailable,
            $"{workload.Instance} cannot take a checkpoint: {reason}. Nothing was changed.",
            "the new code would replay messages that were recorded under the present one, and might understand them otherwise",
            $"see why with ./build.sh --target=Status, and deploy again when the instance is ready; ./build.sh --target=Deploy --fresh starts {plan.Spec.ServiceName} "
            + $"from empty logs{alone}{StayWithPresent(workload)}",
            output);
    }

    private static string StayWithPresent(PlannedObject workload)
    {
        var changed = workload.Differences.Where(difference => difference.IsOfCode).ToList();
        var image = changed.Any(difference => ContainerCode.IsImage(difference.Path)) && KubernetesPlanner.ImageOf(workload.Live!) is { } running
            ? $"./build.sh --target=Deploy --image={Argument(running)} stays with the present image"
            : null;
        var others = changed.All(difference => ContainerCode.IsImage(difference.Path))
            ? null
            : "set back in the configuration what has changed for the instances, and change it when the instance is ready";
        return string.Concat(new[] { others, image }.OfType<string>().Select(way => $"; {way}"));
    }

    /// <summary>A digest is enough where there is one; on nodes without a registry images have tags.</summary>
    internal static string Argument(string image) => image[(image.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
