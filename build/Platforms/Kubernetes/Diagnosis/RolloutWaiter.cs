using System.Globalization;
using System.Text;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <inheritdoc cref="IRolloutWaiter"/>
public sealed class RolloutWaiter(ClusterServices services) : IRolloutWaiter
{
    /// <summary>Between two looks at least, however often pods change; and at most, for what shows in events and StatefulSets alone.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1), LookAgain = TimeSpan.FromSeconds(5);

    private readonly RolloutObserver _observer = new(services);

    public async Task WaitAsync(ClusterAccess access, BuildSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var patience = new RolloutPatience(settings.Verify.Deadline, InstanceManifests.StartupAllowance);
        var (started, since) = (services.Time.GetTimestamp(), services.Time.GetUtcNow());
        var told = new Dictionary<string, RolloutProblemKind>(StringComparer.Ordinal);
        await using var pods = new PodWatch(services.Kubectl, services.Runner, access, Naming.Selector(settings.ServiceName), services.Time);
        var snapshot = await _observer.LookAsync(access, settings.ServiceName, since, cancellation);
        RequireDeployed(snapshot, settings);
        IReadOnlyList<RolloutProblem> problems = [];
        var toldOfStart = false;
        var replaced = new Dictionary<string, RolloutProblem>(StringComparer.Ordinal);
        while (true)
        {
            if (snapshot is not null)
            {
                if (snapshot.Objects.StatefulSets.All(RolloutState.IsComplete))
                    return;
                pods.Start();
                problems = RolloutDiagnosis.Of(snapshot);
                Tell(problems, told);
            }

            var elapsed = services.Time.GetElapsedTime(started);
            switch (snapshot is null ? patience.DecideUnseen(elapsed) : patience.Decide(problems, elapsed))
            {
                case RolloutDecision.Fail fail:
                    // A pod that was just made anew shows nothing yet; what its predecessor was replaced for is what there is to say.
                    throw Failed(
                        [.. problems.Select(problem => problem.Kind == RolloutProblemKind.InProgress ? replaced.GetValueOrDefault(problem.Instance, problem) : problem)],
                        settings, fail.Reason);
                case RolloutDecision.Replace replace:
                    foreach (var problem in problems.Where(problem => problem.Pod == replace.Pod))
                        replaced[problem.Instance] = problem;
                    await ReplaceAsync(access, replace, cancellation);
                    break;
                case RolloutDecision.Wait when !toldOfStart && elapsed >= settings.Verify.Deadline && RolloutPatience.IsMereStart(problems):
                    toldOfStart = true;
                    services.Console.Event(
                        $"Still starting after {Figures.Clock(elapsed)}: {string.Join(", ", problems.Select(problem => problem.Instance))}; "
                            + $"a coordinator may replay its log for {Figures.Clock(InstanceManifests.StartupAllowance)}");
                    break;
            }

            var changed = pods.Changed;
            await Task.Delay(BetweenLooks, services.Time, cancellation);
            await Task.WhenAny(changed, Task.Delay(LookAgain, services.Time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            snapshot = await LookAgainAsync(access, settings, since, cancellation);
        }
    }

    /// <summary>For an error message: one paragraph an instance.</summary>
    internal static string Describe(IEnumerable<RolloutProblem> problems)
    {
        var text = new StringBuilder();
        foreach (var problem in problems)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {problem.Pod ?? problem.Instance}: {problem.What}");
            text.Append(CultureInfo.InvariantCulture, $"\n    cause: {problem.Cause}");
            text.Append(CultureInfo.InvariantCulture, $"\n    fix:   {problem.Cure}");
        }

        return text.ToString();
    }

    /// <summary>
    /// Of this pod alone, never of its successor of the same name. That it cannot be deleted is no verdict on the rollout: it is gone, or the server
    /// is busy, or the account may not, and the next look shows what is so.
    /// </summary>
    private async Task ReplaceAsync(ClusterAccess access, RolloutDecision.Replace replace, CancellationToken cancellation)
    {
        if (replace.Uid is not { Length: > 0 } uid)
            return;
        var result = await services.Kubectl.DeletePodAsync(access, replace.Pod, uid, cancellation);
        if (result.Succeeded)
            services.Console.Event($"{replace.Pod}: replaced, so that it is tried again at once ({replace.Reason})");
        else if (result.Failure is not { Kind: KubectlFailureKind.NotFound or KubectlFailureKind.StaleObject })
            services.Console.Warning($"{replace.Pod} was to be replaced, and could not be deleted: {services.Mask.Mask(result.StandardError.Trim())}");
    }

    /// <summary>Null while the server cannot answer; once it has, a moment's failure is no verdict on the rollout.</summary>
    private async Task<RolloutSnapshot?> LookAgainAsync(
        ClusterAccess access, BuildSettings settings, DateTimeOffset since, CancellationToken cancellation)
    {
        try
        {
            return await _observer.LookAsync(access, settings.ServiceName, since, cancellation);
        }
        catch (BuildException exception) when (exception.Code is ErrorCode.ClusterUnreachable or ErrorCode.ClusterRequestFailed)
        {
            services.Console.Warning($"The cluster does not answer for now: {exception.What}");
            return null;
        }
    }

    private static void RequireDeployed(RolloutSnapshot snapshot, BuildSettings settings)
    {
        var missing = settings.Instances.Select(instance => instance.Name)
            .Where(name => snapshot.Objects.StatefulSets.All(set => set.Metadata.Name != Naming.Object(name))).ToList();
        if (missing.Count > 0)
        {
            throw new BuildException(
                ErrorCode.RunNotFound, $"Not deployed in namespace {settings.Kubernetes.Namespace}: {string.Join(", ", missing)}.",
                remedy: "./build.sh --target=Deploy deploys it");
        }
    }

    private void Tell(IReadOnlyList<RolloutProblem> problems, Dictionary<string, RolloutProblemKind> told)
    {
        foreach (var problem in problems.Where(problem => told.GetValueOrDefault(problem.Instance, (RolloutProblemKind)(-1)) != problem.Kind))
        {
            told[problem.Instance] = problem.Kind;
            services.Console.Event(
                problem.Kind == RolloutProblemKind.InProgress
                    ? $"{problem.Instance}: {problem.What}"
                    : $"{problem.Instance}: {(problem.IsNotYet || problem.IsFromEvents ? "not yet: " : "")}{problem.What} ({problem.Cause})");
        }
    }

    private BuildException Failed(IReadOnlyList<RolloutProblem> problems, BuildSettings settings, string reason)
    {
        var lines = problems.Where(problem => problem.LastLines.Count > 0)
            .Select(problem => $"--- {problem.Pod}, last lines\n{string.Join('\n', problem.LastLines.TakeLast(20))}").ToList();
        return new BuildException(
            ErrorCode.RolloutFailed,
            $"{problems.Count} of {settings.Instances.Count} instances do not run: {reason}.{services.Mask.Mask(Describe(problems))}",
            toolOutput: lines.Count == 0 ? null : string.Join('\n', lines),
            remedy: "do what is said above; ./build.sh --target=Status and --target=Logs show more");
    }
}
