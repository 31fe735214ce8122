using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Oracle;

/// <summary>Keeps the course of a run for the report's plot: what the Server had, twice a second.</summary>
public sealed class ProgressSampler(TimeProvider time) : IRunObserver
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly List<ProgressSample> _samples = [];
    private long _sampledAt = time.GetTimestamp();

    public IReadOnlyList<ProgressSample> Samples => _samples;

    public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (_samples.Count > 0 && time.GetElapsedTime(_sampledAt) < Period)
            return;
        _sampledAt = time.GetTimestamp();
        _samples.Add(new ProgressSample(run.Elapsed.TotalSeconds, run.Progress.HighestReceived));
    }
}
