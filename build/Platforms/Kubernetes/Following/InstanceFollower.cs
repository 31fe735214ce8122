using System.Text;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>
/// Follows the output of one instance through restarts and replacements of its pod. <c>kubectl logs --follow</c> ends quietly with the
/// container, with the pod and with the connection, and never goes on with the successor: so each life is attached to anew, and a cut one again.
/// </summary>
public sealed class InstanceFollower(
    KubectlCli kubectl, ClusterAccess access, PodWatch pods, string instance, Func<FollowEvent, ValueTask> post, TimeProvider time)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>A former life may have written for hours.</summary>
    private static readonly TimeSpan FormerLogTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly string _pod = Naming.Pod(instance);
    private LogCursor _cursor = new();
    private PodState? _told;
    private PodState? _known;
    private PodState? _attached;
    private string? _lost;

    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="Errors.BuildException">AMB5011: the account may not read pods or their logs.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var changed = pods.Changed;
            if (pods.Failure is { } failure)
                throw failure;
            var state = pods.Find(_pod);
            await TellAsync(state);
            if (state is not null && HasLog(state) && (state.IsRunning || !state.IsSameLife(_attached)))
            {
                await AttachAsync(state, cancellation);
                // Its end comes before the news of it: the same life is attached to again only after a moment.
                await WhenAnyAsync(changed, AgainAfter, cancellation);
                continue;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>A container that was never started has none.</summary>
    private static bool HasLog(PodState state) => state.IsRunning || state.Former is not null;

    private async Task TellAsync(PodState? state)
    {
        if (state == _told)
            return;
        // A pod that is gone is what its successor is compared with.
        var former = _known;
        _told = state;
        _known = state ?? _known;
        await post(new FollowEvent.Pod(instance, former, state));
    }

    private async Task AttachAsync(PodState state, CancellationToken cancellation)
    {
        if (!state.IsSameLife(_attached))
        {
            var isNewPod = state.Uid != _attached?.Uid;
            // The end of the former life may have been missed: its log is there until the next restart.
            if (state.Restarts > 0 && state.IsRunning)
                await ReadFormerAsync(isNewPod ? null : _cursor.Since, cancellation);
            // Clocks of nodes differ, so a new container's log is read from its start.
            _cursor = new LogCursor();
            _attached = state;
        }

        _cursor.Reattach();
        var since = _cursor.Since;
        var errors = new StringBuilder();
        await using var logs = kubectl.FollowLogs(
            access, _pod, Naming.Container, since is null ? ["--timestamps"] : ["--timestamps", $"--since-time={since}"],
            line =>
            {
                if (_cursor.Accept(line) is { } text)
                    post(new FollowEvent.Line(instance, text)).AsTask().GetAwaiter().GetResult();
            },
            line => errors.AppendLine(line));
        await UntilEndAsync(logs, state, cancellation);
        await JudgeAsync(errors.ToString());
    }

    /// <summary>Until the log ends, or the pod that it is of is gone while the connection hangs.</summary>
    private async Task UntilEndAsync(IRunningProcess logs, PodState state, CancellationToken cancellation)
    {
        try
        {
            while (!logs.Exit.IsCompleted)
            {
                var changed = pods.Changed;
                var now = pods.Find(_pod);
                await TellAsync(now);
                if (now is not null && !now.IsSameLife(state))
                {
                    // What is still on its way is waited for, but not for ever.
                    await Task.WhenAny(logs.Exit, Task.Delay(StopGrace, time, cancellation));
                    break;
                }

                await Task.WhenAny(logs.Exit, changed, Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation));
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await logs.StopAsync(StopGrace);
        }
    }

    private async Task ReadFormerAsync(string? since, CancellationToken cancellation)
    {
        string[] from = since is null ? [] : [$"--since-time={since}"];
        _cursor.Reattach();
        var command = new KubectlCommand(["logs", _pod, "--container", Naming.Container, "--previous", "--timestamps", .. from]) { RequestTimeout = FormerLogTimeout };
        var result = await kubectl.TryAsync(access, command, cancellation);
        if (!result.Succeeded)
            await post(new FollowEvent.Lost(instance, $"last lines of its former life may be missing: {result.StandardError.Trim().ReplaceLineEndings(" ")}"));
        foreach (var line in result.StandardOutput.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (_cursor.Accept(line) is { } text)
                await post(new FollowEvent.Line(instance, text));
        }
    }

    private async Task JudgeAsync(string errors)
    {
        if (errors.Length == 0)
        {
            _lost = null;
            return;
        }

        var failure = KubectlFailure.Of(errors);
        switch (failure.Kind)
        {
            case KubectlFailureKind.Forbidden or KubectlFailureKind.Unauthorized:
                throw failure.ToException($"The log of {_pod} cannot be read.", errors);
            case KubectlFailureKind.NotFound or KubectlFailureKind.Invalid:
                return; // no pod or container yet, or it is waiting to start: the watch tells when
            default:
                // Said once, however often it is tried.
                if (_lost != failure.Kind.ToString())
                    await post(new FollowEvent.Lost(instance, $"its log cannot be read for now: {errors.Trim().ReplaceLineEndings(" ")}"));
                _lost = failure.Kind.ToString();
                return;
        }
    }

    private async Task WhenAnyAsync(Task changed, TimeSpan atMost, CancellationToken cancellation)
    {
        await Task.WhenAny(changed, Task.Delay(atMost, time, cancellation));
        cancellation.ThrowIfCancellationRequested();
    }
}
