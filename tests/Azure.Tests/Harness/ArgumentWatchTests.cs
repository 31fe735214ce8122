using System.Diagnostics;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Harness;

[Platform("Linux")]
public sealed class ArgumentWatchTests
{
    [Test]
    public async Task It_sees_the_arguments_of_grandchildren()
    {
        var value = "seen-" + Guid.NewGuid().ToString("N");
        await using var watch = ArgumentWatch.Start();
        var start = new ProcessStartInfo("/bin/sh", ["-c", "sh -c 'sleep 600; exit' \"$PLANTED\" & wait"]);
        start.Environment["PLANTED"] = value;
        using var process = Process.Start(start)!;
        try
        {
            Assert.That(() => watch.Containing([value]), Is.Not.Empty.After(30_000, 20));
            Assert.That(watch.Containing(["never given to anybody"]), Is.Empty);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
