using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>Waits for what other processes do. The deadlines are generous: they end a test that has failed, and measure nothing.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static Task That(Func<bool> condition, Func<string> otherwise) => That(() => Task.FromResult(condition()), otherwise);

    public static async Task That(Func<Task<bool>> condition, Func<string> otherwise)
    {
        using var timer = new PeriodicTimer(Interval);
        for (var end = DateTime.UtcNow + Deadline; !await condition();)
        {
            if (DateTime.UtcNow > end)
                Assert.Fail(otherwise());
            await timer.WaitForNextTickAsync();
        }
    }
}
