using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>The service that README.md shows runs with the configuration that README.md shows, and survives.</summary>
public sealed class ReadmeSampleTests : CheckoutFixture
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Test]
    public async Task It_reaches_its_sum_though_app_and_coordinator_are_killed()
    {
        var configuration = Checkout.Write("adder.json", Configuration());
        var path = $"{Adder()}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        using var run = Checkout.Start(new Dictionary<string, string?> { ["PATH"] = path }, $"--config={configuration}");

        await ServerIsReady(run, 1);
        Process("app").Kill();
        await ServerIsReady(run, 2);
        Process("coordinator").Kill();
        var result = await run.Result(Deadline);

        Assert.That(result.ExitCode, Is.Zero, result.All);
        Assert.That(Ready(run), Is.EqualTo(3), result.All);
        Assert.That(result.Lines, Has.One.EqualTo("Verify: adderclient printed: Sum: 200010000"));
    }

    /// <summary>What stands in README.md behind the comment <c>sample configuration</c>.</summary>
    private string Configuration()
    {
        const string start = "<!-- sample configuration -->\n```json\n";
        var readme = File.ReadAllText(Path.Combine(Checkout.Root, "README.md"));
        var at = readme.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return readme[at..readme.IndexOf("\n```", at, StringComparison.Ordinal)];
    }

    /// <summary>Where the build puts the sample: beside these tests.</summary>
    private static string Adder()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, "Samples.Adder", own.Name);
    }

    private RunningProcess Process(string name)
    {
        var server = Checkout.Record().GetProperty("instances").EnumerateArray().First();
        return new RunningProcess(server.GetProperty(name).GetProperty("pid").GetInt32(), name);
    }

    private static Task ServerIsReady(CommandLineProcess run, int times) =>
        Until.Holds(() => Ready(run) == times, Deadline, () => run.Output + run.Error);

    private static int Ready(CommandLineProcess run) =>
        run.Output.Split('\n').Count(line => line.EndsWith(" adderserver: ready", StringComparison.Ordinal));
}
