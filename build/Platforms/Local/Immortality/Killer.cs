using System.Globalization;
using Ambrosia.Build.Errors;
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
        var victim = kill.Victim is VictimKind.JobProcess or VictimKind.JobCoordinator ? run.Job : run.Server;
        var app = kill.Victim is VictimKind.JobProcess or VictimKind.ServerProcess;
        if ((app ? victim.App : victim.Coordinator) is not { } process)
            return;
        var timestamp = time.GetTimestamp();
        // What died by itself just now is no kill of ours: this one is made when it has come back.
        if (!processes.Kill(process))
            return;
        victim.Killed();
        _open = new Strike(
            kill,
            $"{(app ? "app" : "coordinator")} of {victim.Name}",
            victim,
            victim.Life,
            run.Progress.HighestReceived,
            timestamp);
        console.Event($"kill {kill.Number}/{schedule.Count}: SIGKILL to {_open.Description} (pid {process.Pid}) at {At(run, _open)}");
    }

    private void Recover(LocalRun run, Strike strike)
    {
        var elapsed = time.GetElapsedTime(strike.Timestamp);
        if (!strike.ReadyAgain && strike.Victim.Life > strike.Life && strike.Victim.IsReady)
            (strike.ReadyAgain, strike.HighestAtReady) = (true, run.Progress.HighestReceived);
        // What the Server's coordinator held already may be the whole rest: then its end is the progress.
        var progressed = run.Progress.HighestReceived > Math.Max(strike.HighestAtKill, strike.HighestAtReady) || run.Progress.IsOver;
        if (strike.ReadyAgain && progressed)
        {
            _recoveries.Add(elapsed);
            _open = null;
            console.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"kill {strike.Kill.Number}/{schedule.Count}: {strike.Description} at {At(run, strike)}, recovered in {Figures.Seconds(elapsed)}"));
            return;
        }

        if (elapsed > RecoveryDeadline)
        {
            throw new BuildException(
                ErrorCode.ImmortalityFailed,
                $"No recovery from kill {strike.Kill.Number} ({strike.Description}) within {Figures.Seconds(RecoveryDeadline)}.",
                cause: strike.ReadyAgain ? "It came back, but no new bytes arrived." : "It never became ready again.",
                toolOutput: run.LastLines);
        }
    }

    private static string At(LocalRun run, Strike strike) => Figures.Percent(strike.HighestAtKill, run.Verify.ExpectedBytes);

    private sealed record Strike(
        PlannedKill Kill, string Description, SupervisedInstance Victim, int Life, long HighestAtKill, long Timestamp)
    {
        public bool ReadyAgain { get; set; }

        public long HighestAtReady { get; set; }
    }
}
