using System.Runtime.InteropServices;

namespace Ambrosia.Coordinator.Native;

/// <summary>
/// The system's time, with timestamps that also count while the machine sleeps. Linux's CLOCK_MONOTONIC, which .NET's timestamps come from,
/// stands still then (clock_gettime(2)), and a lease would outlive itself. Neither is moved by setting the wall clock.
/// </summary>
internal sealed class BootClock : TimeProvider
{
    private const int ClockBootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static TimeProvider Instance { get; } = OperatingSystem.IsLinux() && Libc.ClockGetTime(ClockBootTime, out _) == 0 ? new BootClock() : System;

    private BootClock()
    {
    }

    public override long TimestampFrequency => NanosecondsPerSecond;

    public override long GetTimestamp() => Libc.ClockGetTime(ClockBootTime, out var time) == 0
        ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
        : throw new InvalidOperationException($"clock_gettime failed: errno {Marshal.GetLastPInvokeError()}");
}
