using System.Globalization;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <summary>
/// Kills by the schedule and times each recovery: from the kill to the first new progress after the victim is primary again. The next
/// kill waits for the recovery from the one before and for every instance to be ready.
/// </summary>
public sealed class ClusterKiller(IReadOnlyList<ClusterKill> schedule, Striker striker, ClusterServices services, CancellationToken cancellation)
    : IClusterRunObserver
{
    /// <summary>The kubelet's back-off grows to five minutes, and a volume may have to move to another node; what is not back after this will not be.</summary>
    private static readonly TimeSpan RecoveryDeadline = TimeSpan.FromMinutes(10);

    /// <summary>Where the pod can go nowhere else, it may come back to its node after this.</summary>
    private static readonly TimeSpan MayGoElsewhere = TimeSpan.FromSeconds(30);

    private readonly List<Recovery> _recoveries = [];
    private Strike? _open;

    public int Kills => _recoveries.Count + (_open is { IsMade: true } ? 1 : 0);

    public IReadOnlyList<Recovery> Recoveries => _recoveries;

    public void Observe(ClusterRun run, FollowEvent? happened, LogLine? line)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (_open is { } strike)
            Recover(run, strike);
        else if (_recoveries.Count < schedule.Count)
            KillIfDue(run, schedule[_recoveries.Count]);
    }

    /// <summary>The work is over, perhaps before kubectl has come back from the last kill: what was seen of its recovery counts.</summary>
    public async Task CompleteAsync()
    {
        if (_open is { } strike && await strike.Blow && strike.Outcome is { } recovery)
            Close(recovery);
    }

    private void Close(Recovery recovery)
    {
        _recoveries.Add(recovery);
        _open = null;
        services.Console.Line(string.Create(CultureInfo.InvariantCulture, $"kill {recovery.Kill.Number}/{schedule.Count}: {recovery.Victim}, {recovery}"));
    }

    private static bool IsReady(WatchedInstance instance) => instance.Pod is { IsReady: true, IsEnding: false };

    private void KillIfDue(ClusterRun run, ClusterKill kill)
    {
        if (run.Progress.HighestReceived < kill.AtBytes || run.Progress.JobDone || run.Progress.ServerDone || !run.Instances.All(IsReady))
            return;
        var victim = kill.OfJob ? run.Job : run.Server;
        var description = kill.Kind switch
        {
            ClusterKillKind.App => $"app of {victim.Name}",
            ClusterKillKind.Coordinator => $"coordinator of {victim.Name}",
            ClusterKillKind.Pod => $"pod of {victim.Name}",
            _ => $"node of {victim.Name} ({victim.Pod!.Node})",
        };
        services.Console.Event(
            $"kill {kill.Number}/{schedule.Count}: {How(kill.Kind)} {description} at {Figures.Percent(run.Progress.HighestReceived, run.Verify.ExpectedBytes)}");
        // Never awaited here: this is the run's event loop, which goes on reading meanwhile.
        _open = new Strike(
            kill, victim, victim.Life, services.Time.GetTimestamp(), new KillRecovery(kill.Number, description, run.Progress),
            Task.Run(() => striker.StrikeAsync(kill, victim, victim.Pod!.Node, cancellation), cancellation));
    }

    private static string How(ClusterKillKind kind) => kind switch
    {
        ClusterKillKind.Pod => "SIGKILL to all processes and deletion of the",
        ClusterKillKind.Drain => "draining the",
        _ => "SIGKILL to the",
    };

    private void Recover(ClusterRun run, Strike strike)
    {
        if (strike.Blow is { IsCompleted: true } blow && !blow.GetAwaiter().GetResult())
        {
            _open = null; // there was nothing to kill just then; this one is made when it is back
            return;
        }

        var elapsed = services.Time.GetElapsedTime(strike.Timestamp);
        strike.SawBackOff |= strike.Victim.Pod is { IsBackingOff: true };
        strike.Recovery.Observe(strike.Victim.Life > strike.Life && (strike.Victim.SaidReady || IsReady(strike.Victim)), run.Progress);
        LetBack(strike, elapsed);
        if (strike.Recovery.IsComplete)
            strike.Outcome ??= new Recovery(strike.Kill, strike.Recovery.Victim, elapsed, strike.SawBackOff ? BackOff(strike.Victim.Pod) : TimeSpan.Zero);
        // kubectl may come back later than the victim: it waits for the pods that it has evicted to be gone.
        if (strike is { Outcome: { } outcome, IsMade: true, IsLetBack: true })
            Close(outcome);
        else if (elapsed > RecoveryDeadline)
            throw strike.Recovery.Missing(Figures.Clock(RecoveryDeadline), run.LastLines);
    }

    /// <summary>The node takes pods again when its own has found another place, or has found none.</summary>
    private void LetBack(Strike strike, TimeSpan elapsed)
    {
        if (strike.Kill.Kind != ClusterKillKind.Drain || !strike.IsMade)
            return;
        if (strike.LettingBack is null && (strike.Recovery.IsBack || elapsed > MayGoElsewhere))
            strike.LettingBack = Task.Run(() => striker.UncordonAsync(cancellation), cancellation);
        if (strike.LettingBack is { IsCompleted: true } done)
            done.GetAwaiter().GetResult();
    }

    private static TimeSpan BackOff(PodState? pod) =>
        pod is { StartedAt: { } started, Former.At: { } ended } && started > ended ? started - ended : TimeSpan.Zero;

    private sealed record Strike(
        ClusterKill Kill, WatchedInstance Victim, int Life, long Timestamp, KillRecovery Recovery, Task<bool> Blow)
    {
        public bool IsMade => Blow.IsCompletedSuccessfully && Blow.Result;

        public bool SawBackOff { get; set; }

        public Recovery? Outcome { get; set; }

        public Task? LettingBack { get; set; }

        public bool IsLetBack => Kill.Kind != ClusterKillKind.Drain || LettingBack is { IsCompletedSuccessfully: true };
    }
}
