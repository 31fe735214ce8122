using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>Feeds the user's view of a run, and keeps its course for the report's plot.</summary>
internal sealed class ThroughputObserver(IThroughputView view, TimeProvider time) : IClusterRunObserver
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly RateWindow _rate = new(TimeSpan.FromSeconds(10));
    private readonly List<ProgressSample> _samples = [];
    private long _sampledAt = time.GetTimestamp();

    public IReadOnlyList<ProgressSample> Samples => _samples;

    public void Observe(ClusterRun run, FollowEvent? happened, LogLine? line)
    {
        if (happened is not null && line is null)
            return;
        _rate.Add(run.Elapsed, run.Progress.HighestReceived);
        view.Update(new ThroughputSnapshot(
            run.Progress.Rounds, run.Verify.Rounds, run.Progress.HighestReceived, run.Verify.ExpectedBytes, _rate.BytesPerSecond, run.Elapsed));
        if (_samples.Count > 0 && time.GetElapsedTime(_sampledAt) < Period)
            return;
        _sampledAt = time.GetTimestamp();
        _samples.Add(new ProgressSample(run.Elapsed.TotalSeconds, run.Progress.HighestReceived));
    }
}
