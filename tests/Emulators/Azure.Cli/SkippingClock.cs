namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>The system's clock, which a test can put forward: operations that take hours end when the test says so, however busy the machine is.</summary>
public sealed class SkippingClock : TimeProvider
{
    private long _skipped;

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _skipped));
}
