using System.Globalization;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Immortality;

/// <summary>
/// Kills by the schedule and times each recovery: from the kill to the first new progress after the victim is ready again.
/// The next kill waits for the recovery from the one before and for every instance to be ready.
/// </summary>
public sealed class Killer(IReadOnlyList<PlannedKill> schedule, IProcessTable processes, IBuildConsole console, TimeProvider time)
    : IRunObserver
{
    /// <summary>A recovery takes seconds; what has not come back after this long will not.</summary>
    private static readonly TimeSpan RecoveryDeadline = TimeSpan.FromSeconds(60);

    private readonly List<TimeSpan> _recoveries = [];
    private Strike? _open;

    public int Kills => _recoveries.Count + (_open is null ? 0 : 1);

    public IReadOnlyList<TimeSpan> Recoveries => _recoveries;

    public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (_open is { } strike)
            Recover(run, strike);
        else if (_recoveries.Count < schedule.Count)
            KillIfDue(run, schedule[_recoveries.Count]);
    }

    private void KillIfDue(LocalRun run, PlannedKill kill)
    {
        if (run.Progress.HighestReceived < kill.AtBytes || run.Progress.JobDone || run.Instances.Any(instance => !instance.IsReady))
            return;
        var victim = kill.OfJob ? run.Job : run.Server;
        if ((kill.OfApp ? victim.App : victim.Coordinator) is not { } process)
            return;
        var timestamp = time.GetTimestamp();
        // What died by itself just now is no kill of ours: this one is made when it has come back.
        if (!processes.Kill(process))
            return;
        victim.Killed();
        var at = Figures.Percent(run.Progress.HighestReceived, run.Verify.ExpectedBytes);
        var recovery = new KillRecovery(kill.Number, $"{(kill.OfApp ? "app" : "coordinator")} of {victim.Name}", run.Progress);
        _open = new Strike(victim, victim.Life, at, timestamp, recovery);
        console.Event($"kill {kill.Number}/{schedule.Count}: SIGKILL to {recovery.Victim} (pid {process.Pid}) at {at}");
    }

    private void Recover(LocalRun run, Strike strike)
    {
        var elapsed = time.GetElapsedTime(strike.Timestamp);
        var recovery = strike.Recovery;
        recovery.Observe(strike.Victim.Life > strike.Life && strike.Victim.IsReady, run.Progress);
        if (recovery.IsComplete)
        {
            _recoveries.Add(elapsed);
            _open = null;
            console.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"kill {recovery.Number}/{schedule.Count}: {recovery.Victim} at {strike.At}, recovered in {Figures.Seconds(elapsed)}"));
        }
        else if (elapsed > RecoveryDeadline)
        {
            throw recovery.Missing(Figures.Seconds(RecoveryDeadline), run.LastLines);
        }
    }

    /// <param name="At">How far the work was, in percent.</param>
    private sealed record Strike(SupervisedInstance Victim, int Life, string At, long Timestamp, KillRecovery Recovery);
}
