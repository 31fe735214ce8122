using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Viewing;

/// <summary>Prints what the instances print, each line with its instance's name; on request through replaced pods, until Ctrl-C.</summary>
public sealed class KubernetesLogs(ISettingsProvider settings, IClusterAccess clusterAccess, ClusterServices services)
{
    /// <exception cref="BuildException">AMB1003: no such instance. AMB5002: nothing is deployed. AMB5010 to AMB5012: the cluster cannot be read.</exception>
    public async Task ShowAsync(LogsOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var names = Choose(options.Instance);
        var access = await clusterAccess.GetAsync(cancellation);
        if (options.Follow)
            await FollowAsync(access, names, cancellation);
        else
            await PrintAsync(access, names, cancellation);
    }

    private List<string> Choose(string? wanted)
    {
        var names = settings.Settings.Instances.Select(instance => instance.Name).ToList();
        if (wanted is null)
            return names;
        return names.Find(name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase)) is { } name
            ? [name]
            : throw new BuildException(
                ErrorCode.InvalidArgumentValue, $"There is no instance {wanted}.", remedy: $"--instance={string.Join(" or --instance=", names)}");
    }

    private async Task PrintAsync(ClusterAccess access, List<string> names, CancellationToken cancellation)
    {
        var list = new KubectlCommand("get", "pods", "--selector", Naming.Selector(settings.Settings.ServiceName), "--output", "json");
        var pods = PodState.All(Diagnosis.ClusterObjects.Parse((await services.Kubectl.RunAsync(access, list, cancellation)).StandardOutput));
        if (pods.Count == 0)
            throw new BuildException(ErrorCode.RunNotFound, $"Nothing is deployed in namespace {access.Namespace}.", remedy: "./build.sh --target=Deploy");
        foreach (var name in names)
        {
            if (pods.FirstOrDefault(pod => pod.Name == Naming.Pod(name)) is not { } pod)
            {
                services.Console.Warning($"{name}: has no pod");
                continue;
            }

            if (pod is { Restarts: > 0, IsRunning: true })
                await PrintAsync(access, name, ["--previous"], cancellation);
            await PrintAsync(access, name, [], cancellation);
        }
    }

    private async Task PrintAsync(ClusterAccess access, string name, string[] which, CancellationToken cancellation)
    {
        var command = new KubectlCommand(["logs", Naming.Pod(name), "--container", Naming.Container, .. which]);
        var result = await services.Kubectl.TryAsync(access, command, cancellation);
        foreach (var line in result.StandardOutput.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            services.Console.Line($"{name} | {line}");
        switch (result.Failure?.Kind)
        {
            case null:
                break;
            case KubectlFailureKind.NotFound or KubectlFailureKind.Invalid: // not there any more, not there yet, or waiting to start
                services.Console.Warning($"{name}: has no output{(which.Length > 0 ? " of its former life" : "")}: {services.Mask.Mask(result.StandardError.Trim())}");
                break;
            default:
                throw services.Kubectl.Failed(command, result);
        }
    }

    private async Task FollowAsync(ClusterAccess access, List<string> names, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var pods = new PodWatch(
            services.Kubectl, services.Runner, access, Naming.Selector(settings.Settings.ServiceName), services.Time);
        pods.Start();
        var followers = names.ConvertAll(
            name => new InstanceFollower(services.Kubectl, access, pods, name, Print, services.Time).RunAsync(ending.Token));
        try
        {
            await await Task.WhenAny(followers);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(followers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ValueTask Print(FollowEvent happened)
    {
        switch (happened)
        {
            case FollowEvent.Line line:
                services.Console.Line($"{line.Instance} | {line.Text}");
                break;
            case FollowEvent.Pod change when PodText.Of(change) is { } text:
                services.Console.Event(text);
                break;
            case FollowEvent.Lost lost:
                services.Console.Warning($"{lost.Instance}: {services.Mask.Mask(lost.Text)}");
                break;
        }

        return ValueTask.CompletedTask;
    }
}
