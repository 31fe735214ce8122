using System.Diagnostics;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

internal static class Until
{
    /// <summary>Awaits what no event tells of: the output of another process, or its end.</summary>
    public static async Task Holds(Func<bool> condition, TimeSpan deadline, Func<string> description)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(since) > deadline)
                Assert.Fail(description());
            await timer.WaitForNextTickAsync();
        }
    }
}
