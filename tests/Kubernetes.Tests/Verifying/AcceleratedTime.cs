namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>Time that passes faster, so that a minute of waiting is seconds of a test. What the processes do takes its own time.</summary>
/// <param name="ahead">How far its clock is ahead of the true time.</param>
internal sealed class AcceleratedTime(int factor, TimeSpan ahead) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) * factor);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Shorter(dueTime), Shorter(period));

    private TimeSpan Shorter(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, time.Ticks / factor));
}
