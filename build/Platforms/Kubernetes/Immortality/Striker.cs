using System.Globalization;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <summary>Carries out kills with kubectl. A node that it has cordoned it also uncordons, whatever happens.</summary>
public sealed class Striker(ClusterServices services, ClusterAccess access, string serviceName) : IAsyncDisposable
{
    private const int NoSuchProcess = 2;

    private static readonly TimeSpan ExecTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UncordonTimeout = TimeSpan.FromSeconds(30);

    private static readonly string[] BrokenStreams = ["unexpected EOF", "connection reset by peer", "client connection lost"];

    private readonly HashSet<string> _cordoned = new(StringComparer.Ordinal);

    /// <returns>False when there was nothing to kill just then.</returns>
    /// <exception cref="BuildException">AMB5010 to AMB5012: kubectl failed.</exception>
    public async Task<bool> StrikeAsync(ClusterKill kill, WatchedInstance victim, string? node, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kill);
        ArgumentNullException.ThrowIfNull(victim);
        switch (kill.Kind)
        {
            case ClusterKillKind.Pod:
                return await KillPodAsync(victim, cancellation);
            case ClusterKillKind.Drain when node is not null:
                await DrainAsync(node, cancellation);
                return true;
            case ClusterKillKind.Drain:
                return false;
            default:
                return await KillAsync(victim, [kill.Kind == ClusterKillKind.App ? UserCommands.Program(victim.Settings) : Naming.CoordinatorProgram], cancellation);
        }
    }

    public async Task UncordonAsync(CancellationToken cancellation)
    {
        foreach (var node in _cordoned.ToList())
        {
            await services.Kubectl.UncordonAsync(access, node, cancellation);
            _cordoned.Remove(node);
        }
    }

    /// <summary>Also after a Ctrl-C: nobody else knows that the node was cordoned.</summary>
    public async ValueTask DisposeAsync()
    {
        using var last = new CancellationTokenSource(UncordonTimeout);
        foreach (var node in _cordoned)
        {
            try
            {
                await services.Kubectl.UncordonAsync(access, node, last.Token);
            }
            catch (Exception exception) when (exception is BuildException or OperationCanceledException)
            {
                services.Console.Error($"The node {node} is still cordoned: {exception.Message}\n  fix:    {UserCommands.Line(access, "uncordon", node)}");
            }
        }
    }

    /// <summary>
    /// As <c>kubectl drain</c> does, but of our namespace: the pod selector of that command holds for all namespaces, and a deployment of the same name in
    /// another one has the same labels.
    /// </summary>
    private async Task DrainAsync(string node, CancellationToken cancellation)
    {
        _cordoned.Add(node);
        if (!await services.Kubectl.CordonAsync(access, node, cancellation))
            _cordoned.Remove(node); // somebody else has cordoned it, and wants it so
        var pods = await services.Kubectl.ListAsync<V1Pod>(access, "pods", Naming.Selector(serviceName), cancellation);
        foreach (var pod in pods.Where(pod => pod.Spec?.NodeName == node && pod.Metadata.DeletionTimestamp is null))
        {
            var result = await services.Kubectl.DeletePodAsync(access, pod.Metadata.Name, pod.Metadata.Uid, cancellation);
            if (result.Failure is not null and not { Kind: KubectlFailureKind.NotFound or KubectlFailureKind.StaleObject })
                throw services.Kubectl.Failed(new KubectlCommand("delete", $"pod/{pod.Metadata.Name}"), result);
        }
    }

    /// <summary>
    /// A deletion alone, also by force, is a clean stop: the kubelet sends SIGTERM and gives the pod its grace period, while the API makes its
    /// successor (https://github.com/kubernetes/kubernetes/issues/120449). The deletion follows at once, before the kubelet starts the container
    /// again; where that was quicker, its new life is what is stopped.
    /// </summary>
    private async Task<bool> KillPodAsync(WatchedInstance victim, CancellationToken cancellation)
    {
        if (!await KillAsync(victim, [Naming.CoordinatorProgram, UserCommands.Program(victim.Settings)], cancellation))
            return false;
        await services.Kubectl.ForceDeletePodAsync(access, victim.PodName, cancellation);
        return true;
    }

    /// <summary>
    /// The container dies with the process, and takes the exec with it: then the command ends with 137, or its connection breaks, and whether the
    /// process died shows by the container's next life.
    /// </summary>
    private async Task<bool> KillAsync(WatchedInstance victim, IReadOnlyList<string> programs, CancellationToken cancellation)
    {
        string[] command =
        [
            "bash", "-c", string.Create(CultureInfo.InvariantCulture, $"pids=$(pidof \"$@\") || exit {NoSuchProcess}; kill -KILL $pids"), "kill", .. programs,
        ];
        var result = await services.Kubectl.TryExecAsync(access, victim.PodName, Naming.Container, command, null, ExecTimeout, cancellation);
        return result.Failure switch
        {
            null => result.ExitCode != NoSuchProcess,
            { } failure when MayHaveRun(failure, result.StandardError) => true,
            _ => throw services.Kubectl.Failed(new KubectlCommand("exec", victim.PodName), result),
        };
    }

    /// <summary>Whether the command may have run before kubectl failed. Pure.</summary>
    internal static bool MayHaveRun(KubectlFailure failure, string error)
    {
        ArgumentNullException.ThrowIfNull(failure);
        // Where the connection broke it had been made: the server was there.
        return failure.Kind == KubectlFailureKind.Unreachable
            ? BrokenStreams.Any(text => error.Contains(text, StringComparison.Ordinal))
            : failure.Code == ErrorCode.ClusterRequestFailed && failure.Kind is not (KubectlFailureKind.NodeUnreachable or KubectlFailureKind.Invalid);
    }
}
