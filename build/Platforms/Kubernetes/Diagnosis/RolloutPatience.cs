using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>
/// How long what is wrong is waited for. What needs a person is not waited for beyond a moment in which the cluster's own view settles; a
/// refused pull is "not yet" until the deadline, since role assignments take minutes, and its pod is replaced now and then, because the
/// kubelet's back-off grows to five minutes. No clock and no cluster here: both are told.
/// </summary>
/// <param name="deadline">For everything but a start.</param>
/// <param name="startupAllowance">How long a container's startup probe lets it replay its log: while nothing else is waited for, so long is waited.</param>
public sealed class RolloutPatience(TimeSpan deadline, TimeSpan startupAllowance)
{
    /// <summary>A pod of the former deployment may show its own trouble until the controller has taken notice of the new one.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    /// <summary>A former owner's lock or lease may end a few lives; then it is another reason.</summary>
    private static readonly TimeSpan CrashLoopLimit = TimeSpan.FromMinutes(2);

    /// <summary>A registry or a mirror may just be starting: kubelets try again after 10 seconds, and after 20 more.</summary>
    private static readonly TimeSpan RegistryLimit = TimeSpan.FromMinutes(1);

    /// <summary>Kubelets try a mount again after two minutes at most: an event that nothing has made untrue by then is so.</summary>
    private static readonly TimeSpan EventLimit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan BetweenReplacements = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _longest = deadline > startupAllowance ? deadline : startupAllowance;
    private readonly Dictionary<string, (RolloutProblemKind Kind, TimeSpan Since)> _problems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _replaced = new(StringComparer.Ordinal);

    /// <param name="elapsed">Since the waiting began.</param>
    public RolloutDecision Decide(IReadOnlyList<RolloutProblem> problems, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(problems);
        foreach (var gone in _problems.Keys.Except(problems.Select(problem => problem.Instance)).ToList())
            _problems.Remove(gone);
        foreach (var problem in problems)
        {
            if (!_problems.TryGetValue(problem.Instance, out var known) || known.Kind != problem.Kind)
                _problems[problem.Instance] = (problem.Kind, elapsed);
        }

        if (elapsed >= (IsMereStart(problems) ? _longest : deadline))
            return new RolloutDecision.Fail($"not within {Figures.Clock(IsMereStart(problems) ? _longest : deadline)}");
        if (problems.Any(problem => elapsed - _problems[problem.Instance].Since >= Limit(problem)))
            return new RolloutDecision.Fail("it will not come right by itself");
        foreach (var problem in problems.Where(problem => problem is { IsHelpedByNewPod: true, Pod: not null }))
        {
            var since = _replaced.TryGetValue(problem.Pod!, out var last) ? last : FirstReplacement(problem);
            if (elapsed - since < BetweenReplacements)
                continue;
            _replaced[problem.Pod!] = elapsed;
            return new RolloutDecision.Replace(problem.Pod!, problem.PodUid, problem.Cause);
        }

        return new RolloutDecision.Wait();
    }

    /// <summary>The cluster does not answer: what was wrong when it did may have changed, so that nothing but the last deadline is judged by.</summary>
    public RolloutDecision DecideUnseen(TimeSpan elapsed)
    {
        _problems.Clear();
        return elapsed < _longest ? new RolloutDecision.Wait() : new RolloutDecision.Fail($"the cluster has not answered, and {Figures.Clock(_longest)} are over");
    }

    /// <summary>Whether nothing is wrong and nothing is waited for but coordinators that replay their logs.</summary>
    internal static bool IsMereStart(IReadOnlyList<RolloutProblem> problems) => problems.Count > 0 && problems.All(problem => problem.IsStarting);

    /// <summary>What is in the way is moved out of it once the controller has had its moment to do so; the kubelet's own first tries come soon enough.</summary>
    private TimeSpan FirstReplacement(RolloutProblem problem) =>
        _problems[problem.Instance].Since - (problem.Kind == RolloutProblemKind.BlockedByOldPod ? BetweenReplacements - Settling : TimeSpan.Zero);

    private static TimeSpan Limit(RolloutProblem problem) => problem switch
    {
        { Kind: RolloutProblemKind.CrashLoop } => CrashLoopLimit,
        { Kind: RolloutProblemKind.RegistryOnNode or RolloutProblemKind.RegistryWithoutTls } => RegistryLimit,
        { IsNotYet: true } => TimeSpan.MaxValue,
        { IsFromEvents: true } => EventLimit,
        _ => Settling,
    };
}
