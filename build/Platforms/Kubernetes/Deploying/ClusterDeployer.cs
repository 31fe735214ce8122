using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>Waits until what was applied runs; throws AMB5013 with the cause where it does not.</summary>
public delegate Task AwaitRollout(ClusterAccess access, BuildSettings settings, CancellationToken cancellation);

/// <summary>Makes the cluster's objects as wanted, and changes nothing else.</summary>
public sealed class ClusterDeployer(
    KubernetesRoles roles, PlanGate gate, DeploymentPlanner planner, KubectlCli kubectl, Checkpoints checkpoints, LogEraser eraser, Registrar registrar,
    AwaitRollout awaitRollout, IBuildConsole console)
{
    /// <summary>A pod has its grace period of five minutes, and a node that is gone its time-out of five minutes.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(11);

    private const int ParallelWaits = 4;

    public async Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Resume)
        {
            throw new BuildException(
                ErrorCode.UnknownArgument, "--resume means nothing in a cluster.", "an instance there always goes on with its logs", "leave it out; --fresh starts from empty ones");
        }

        await gate.ApproveAsync(cancellation);
        var plan = await planner.PlanForDeployAsync(options, cancellation);
        if (plan.Conflicts.Any())
            throw Refused(plan);
        var overridden = plan.Objects.Where(planned => planned.Overridden is not null).ToList();
        foreach (var planned in overridden)
            console.Warning($"{planned.Object.Title} is not as configured: {planned.Overridden}, whatever is deployed");
        if (!plan.HasChanges)
        {
            var state = overridden.Count == 0
                ? "are as configured"
                : string.Create(CultureInfo.InvariantCulture, $"are as far as the cluster lets them be ({overridden.Count} not as configured)");
            return new StepOutcome(string.Create(CultureInfo.InvariantCulture, $"unchanged: {plan.Objects.Count} objects {state}, no pod was touched"));
        }

        var access = await roles.Access.GetAsync(cancellation);
        if (!options.Fresh)
            await checkpoints.TakeAsync(access, plan, cancellation);
        await registrar.RegisterAsync(plan, cancellation);
        if (options.Fresh || plan.ShareKeyChanged)
            await StopTogetherAsync(access, plan, options.Fresh, cancellation);
        await ApplyAsync(access, plan, options.Fresh, cancellation);
        await kubectl.DeleteAsync(access, [.. plan.Of(ObjectAction.Delete).Select(planned => planned.Object.Id)], StopTimeout, cancellation);
        await awaitRollout(access, plan.Spec.Settings, cancellation);
        await ApplyAsync(access, SettledClaims(plan), cancellation);
        return new StepOutcome(Summary(plan));
    }

    /// <summary>
    /// Stops the instances by applying them with no replicas: <c>kubectl scale</c> would make another owner of that field, and conflict with the
    /// apply that starts them again.
    /// </summary>
    private async Task StopTogetherAsync(ClusterAccess access, KubernetesPlan plan, bool fresh, CancellationToken cancellation)
    {
        var running = plan.Workloads.Where(workload => workload.Live is not null).ToList();
        console.Event(fresh
            ? $"--fresh: {Names(running)} are stopped, and their logs deleted"
            : $"The storage key has changed: {Names(running)} are stopped together, since a mount keeps the key with which it was made");
        await ApplyAsync(access, plan.Of(ObjectAction.Create).Where(planned => planned.Object.Kind == "Namespace").Select(planned => planned.Wanted!), cancellation);
        await ApplyAsync(access, running.Select(Stopped), cancellation);
        if (running.Count > 0)
        {
            // Before the controller has seen the change it may still make a pod where none is.
            await Parallel.ForEachAsync(
                running, new ParallelOptions { MaxDegreeOfParallelism = ParallelWaits, CancellationToken = cancellation },
                async (workload, token) => await ObservedAsync(access, workload.Object.Name, token));
            var pods = running.Select(workload => $"pod/{Naming.Pod(workload.Instance!)}").ToList();
            var result = await kubectl.WaitForDeletionAsync(access, pods, StopTimeout, cancellation);
            if (result.Failure is not null and not { Kind: KubectlFailureKind.NotFound })
                throw kubectl.Failed(new KubectlCommand(["wait", .. pods]), result);
        }

        if (!fresh)
            return;
        await DeleteToRecreateAsync(access, plan, cancellation);
        await ApplyAsync(access, Changed(plan).Where(item => item.Kind is "Secret" or "PersistentVolume" or "PersistentVolumeClaim"), cancellation);
        await eraser.EraseAsync(
            access, plan.Spec, [.. plan.Of(ObjectAction.EraseLogs).Select(planned => new LogFolder(plan.Spec.ServiceName, planned.Instance!))], cancellation);
    }

    private async Task ObservedAsync(ClusterAccess access, string statefulSet, CancellationToken cancellation)
    {
        var result = await kubectl.RolloutStatusAsync(access, statefulSet, StopTimeout, cancellation);
        if (result.Failure is not null and not { Kind: KubectlFailureKind.NotFound })
            throw kubectl.Failed(new KubectlCommand("rollout", "status", $"statefulset/{statefulSet}"), result);
    }

    private Task DeleteToRecreateAsync(ClusterAccess access, KubernetesPlan plan, CancellationToken cancellation)
    {
        // A claim before its volume, which is held by it.
        var anew = plan.Of(ObjectAction.Recreate).OrderBy(planned => planned.Object.Kind == "PersistentVolume");
        return kubectl.DeleteAsync(access, [.. anew.Select(planned => planned.Object.Id)], StopTimeout, cancellation);
    }

    /// <summary>One apply of all that changed, in the order of the plan; what is made anew is deleted first.</summary>
    private async Task ApplyAsync(ClusterAccess access, KubernetesPlan plan, bool fresh, CancellationToken cancellation)
    {
        if (!fresh)
            await DeleteToRecreateAsync(access, plan, cancellation);
        var restarted = fresh || plan.ShareKeyChanged ? plan.Workloads.Select(workload => workload.Wanted!) : [];
        await ApplyAsync(access, Changed(plan).Union(restarted), cancellation);
    }

    private async Task ApplyAsync(ClusterAccess access, IEnumerable<KubeObject> objects, CancellationToken cancellation)
    {
        var items = objects.ToList();
        if (items.Count > 0)
            await kubectl.ApplyAsync(access, KubeObject.ToManifest(items), cancellation);
    }

    private static IEnumerable<KubeObject> Changed(KubernetesPlan plan) =>
        plan.Of(ObjectAction.Create, ObjectAction.Update, ObjectAction.Recreate).Select(planned => planned.Wanted!);

    /// <summary>Claims that record more than the code that is ready now, and alone writes from now on.</summary>
    private static IEnumerable<KubeObject> SettledClaims(KubernetesPlan plan)
    {
        var during = plan.Objects.Where(planned => planned is { Wanted.Kind: "PersistentVolumeClaim", Action: not ObjectAction.EraseLogs }).ToDictionary(planned => planned.Wanted!.Id, planned => planned.Wanted!);
        return ManifestBuilder.Build(plan.Spec).Where(item =>
            during.TryGetValue(item.Id, out var applied) && applied.Annotation(Naming.LogCodeAnnotation) != item.Annotation(Naming.LogCodeAnnotation));
    }

    /// <summary>
    /// As it runs, with no replicas: the new version must not become the StatefulSet's newest one before it is meant to run. What an apply of the
    /// whole owns by this, the next one gives back.
    /// </summary>
    internal static KubeObject Stopped(PlannedObject workload)
    {
        var (wanted, live) = (workload.Wanted!, workload.Live!);
        var copy = (JsonObject)wanted.Content.DeepClone();
        copy["spec"] = live.Content["spec"]!.DeepClone();
        copy["spec"]!["replicas"] = 0;
        if (live.Content["metadata"]?["labels"] is { } labels)
            copy["metadata"]!["labels"] = labels.DeepClone();
        var stopped = new KubeObject(copy);
        foreach (var name in (string[])[Naming.PreviousImageAnnotation, Naming.RegistrationAnnotation])
            stopped = stopped.WithAnnotation(name, live.Annotation(name));
        return stopped;
    }

    private static string Names(IEnumerable<PlannedObject> workloads) => string.Join(", ", workloads.Select(workload => workload.Instance));

    private static string Summary(KubernetesPlan plan)
    {
        (ObjectAction[] Actions, string Word)[] words =
        [
            ([ObjectAction.Create], "created"), ([ObjectAction.Update], "updated"), ([ObjectAction.Recreate], "made anew"),
            ([ObjectAction.EraseLogs], "logs emptied"), ([ObjectAction.Delete], "deleted"), ([ObjectAction.Unchanged], "unchanged"),
        ];
        return string.Join(", ", words
            .Select(word => (Count: plan.Of(word.Actions).Count(), word.Word))
            .Where(word => word.Count > 0)
            .Select(word => string.Create(CultureInfo.InvariantCulture, $"{word.Count} {word.Word}")));
    }

    private static BuildException Refused(KubernetesPlan plan) => new(
        ErrorCode.PlanConflict,
        $"The cluster is not as the configuration needs it; nothing was changed.{string.Concat(plan.Conflicts.Select(conflict => $"\n  {conflict.Object.Title}: {conflict.Reason}"))}",
        remedy: string.Join('\n', plan.Conflicts.Select(conflict => conflict.Remedy).OfType<string>().Distinct()));
}
