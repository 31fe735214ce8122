using System.Globalization;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Viewing;

/// <summary>Shows the instances, their pods, what their coordinators say, and how far the work is.</summary>
public sealed class KubernetesStatus(ISettingsProvider settings, IClusterAccess clusterAccess, ClusterServices services)
{
    /// <summary>A coordinator answers at once; one that hangs must not keep the others from being shown.</summary>
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(15);

    private const int TailLines = 200;

    /// <exception cref="BuildException">AMB5010 to AMB5012: the cluster cannot be read.</exception>
    public async Task ShowAsync(CancellationToken cancellation)
    {
        var wanted = settings.Settings;
        if (!await clusterAccess.ExistsAsync(cancellation))
        {
            services.Console.Line("Status: there is no cluster yet. ./build.sh makes it");
            return;
        }

        var access = await clusterAccess.GetAsync(cancellation);
        // Nothing was begun here: whatever the cluster still says of an object that is there is news.
        var snapshot = await new RolloutObserver(services).LookAsync(access, wanted.ServiceName, DateTimeOffset.UnixEpoch, cancellation);
        var pods = PodState.All(snapshot.Objects).ToDictionary(pod => pod.Name, StringComparer.Ordinal);
        var deployed = snapshot.Objects.StatefulSets.Select(set => set.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        if (deployed.Count == 0)
        {
            services.Console.Line($"Status: nothing is deployed in namespace {access.Namespace}. ./build.sh --target=Deploy deploys it");
            return;
        }

        var views = await Task.WhenAll(wanted.Instances.Select(async instance =>
        {
            var pod = pods.GetValueOrDefault(Naming.Pod(instance.Name));
            return new InstanceView(instance.Name, deployed.Contains(Naming.Object(instance.Name)), pod, await AskAsync(access, instance, pod, cancellation));
        }));
        var progress = wanted.Verify.Kind == VerifyKind.PerformanceTest ? await ProgressAsync(access, wanted, pods, cancellation) : null;
        foreach (var line in StatusTable.Lines($"Status: {wanted.ServiceName} in namespace {access.Namespace}, context {access.Context}", views, progress, wanted.Verify))
            services.Console.Line(line);
        foreach (var problem in RolloutDiagnosis.Of(snapshot))
            services.Console.Line(services.Mask.Mask(RolloutWaiter.Describe([problem])).TrimStart('\n'));
    }

    /// <summary>Null where there is nobody to ask: no coordinator of ours, a pod that does not run, no right to exec.</summary>
    private async Task<CoordinatorStatus?> AskAsync(ClusterAccess access, InstanceSettings instance, PodState? pod, CancellationToken cancellation)
    {
        if (settings.Settings.Runtime != RuntimeKind.Own || pod is not { IsRunning: true })
            return null;
        string[] question = [Naming.CoordinatorProgram, "status", "--health-port", Naming.HealthPort(instance).ToString(CultureInfo.InvariantCulture)];
        try
        {
            var result = await services.Kubectl.ExecAsync(access, pod.Name, Naming.Container, question, null, AskTimeout, cancellation);
            return result.Succeeded ? CoordinatorStatus.Parse(result.StandardOutput) : null;
        }
        catch (BuildException exception)
        {
            services.Console.Warning($"{instance.Name}: its coordinator cannot be asked: {exception.Cause ?? exception.What}");
            return null;
        }
    }

    private async Task<WorkProgress> ProgressAsync(
        ClusterAccess access, BuildSettings wanted, Dictionary<string, PodState> pods, CancellationToken cancellation)
    {
        var server = LinesAsync(access, wanted.Instances[0].Name, pods, cancellation);
        var job = LinesAsync(access, wanted.Instances[^1].Name, pods, cancellation);
        var progress = (await server).Aggregate(WorkProgress.None, (sum, line) => sum.WithServerLine(line));
        return (await job).Aggregate(progress, (sum, line) => sum.WithJobLine(line));
    }

    private async Task<IEnumerable<LogLine>> LinesAsync(
        ClusterAccess access, string instance, Dictionary<string, PodState> pods, CancellationToken cancellation)
    {
        if (!pods.ContainsKey(Naming.Pod(instance)))
            return [];
        var result = await services.Kubectl.LogsAsync(access, Naming.Pod(instance), Naming.Container, TailLines, previous: false, cancellation);
        return result.StandardOutput.ReplaceLineEndings("\n").Split('\n').Select(LogLine.Parse).OfType<LogLine>();
    }
}
