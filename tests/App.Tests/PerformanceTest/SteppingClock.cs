namespace Ambrosia.App.Tests.PerformanceTest;

/// <summary>A clock that is one second later each time it is read.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private long _seconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(_seconds++);
}
