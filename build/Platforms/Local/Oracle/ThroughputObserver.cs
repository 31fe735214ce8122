using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Oracle;

/// <summary>Feeds the user's view of a run.</summary>
public sealed class ThroughputObserver(IThroughputView view) : IRunObserver
{
    private readonly RateWindow _rate = new(TimeSpan.FromSeconds(4));

    public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (instance is not null && line is null)
            return;
        _rate.Add(run.Elapsed, run.Progress.HighestReceived);
        view.Update(new ThroughputSnapshot(
            run.Progress.Rounds, run.Verify.Rounds, run.Progress.HighestReceived, run.Verify.ExpectedBytes, _rate.BytesPerSecond, run.Elapsed));
    }
}
