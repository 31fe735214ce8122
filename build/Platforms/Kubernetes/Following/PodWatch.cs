using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using k8s;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>
/// The pods of a deployment as they are now, from one <c>kubectl get --watch</c> for all of them, begun anew whenever the server or the
/// network ends it.
/// </summary>
public sealed class PodWatch(KubectlCli kubectl, IProcessRunner runner, ClusterAccess access, string selector, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<string, PodState> _pods = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = New();
    private Task? _loop;

    /// <summary>Why the pods cannot be watched, such as a missing right; it ends the watch.</summary>
    public Exception? Failure { get; private set; }

    public PodState? Find(string pod)
    {
        lock (_gate)
            return _pods.GetValueOrDefault(pod);
    }

    /// <summary>Completes at the next change of any pod.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
                return _changed.Task;
        }
    }

    public void Start() => _loop ??= RunAsync(_ending.Token);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_loop is not null)
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            // A pod that went while no watch ran is in no event of the next one: a list of its own, before each watch, is what forgets it.
            await ListAsync(ending);
            if (Failure is not null)
                return;
            await using (var watch = runner.Start(new ProcessRequest(
                "kubectl",
                [.. KubectlCli.Arguments(access, "get", "pods", "--selector", selector, "--watch", "--output-watch-events", "--output", "json")])
            {
                OnOutputLine = Read,
                ThrowOnFailure = false,
            }))
            {
                await Task.WhenAny(watch.Exit, Task.Delay(Timeout.InfiniteTimeSpan, time, ending));
                if (ending.IsCancellationRequested)
                    await watch.StopAsync(StopGrace);
            }

            await Task.Delay(RestartAfter, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListAsync(CancellationToken ending)
    {
        try
        {
            var result = await kubectl.TryAsync(access, new KubectlCommand("get", "pods", "--selector", selector, "--output", "json"), ending);
            if (result.Failure is { Kind: KubectlFailureKind.Forbidden or KubectlFailureKind.Unauthorized })
            {
                Fail(kubectl.Failed(new KubectlCommand("get", "pods"), result));
                return;
            }

            if (!result.Succeeded)
                return;
            var states = PodState.All(Diagnosis.ClusterObjects.Parse(result.StandardOutput));
            lock (_gate)
            {
                _pods.Clear();
                foreach (var state in states)
                    _pods[state.Name] = state;
            }

            Signal();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watch ends.
        }
        catch (Errors.BuildException exception)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        Failure = exception;
        Signal();
    }

    /// <summary>With <c>--output-watch-events</c> kubectl prints each event as one line of JSON.</summary>
    private void Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var pod = KubernetesJson.Deserialize<V1Pod>(json.RootElement.GetProperty("object").GetRawText());
            var isGone = json.RootElement.GetProperty("type").ValueEquals("DELETED");
            if (pod.Metadata?.Name is not { } name)
                return;
            lock (_gate)
            {
                if (isGone && _pods.GetValueOrDefault(name)?.Uid == pod.Metadata.Uid)
                    _pods.Remove(name);
                else if (!isGone)
                    _pods[name] = PodState.Of(pod);
            }

            Signal();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A document cut in the middle, or an ERROR event: the watch begins anew with a list.
        }
    }

    private void Signal()
    {
        TaskCompletionSource told;
        lock (_gate)
            (told, _changed) = (_changed, New());
        told.TrySetResult();
    }
}
