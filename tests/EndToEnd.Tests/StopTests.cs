using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Runs that are stopped, or whose suite dies, while instances work.</summary>
public sealed class StopTests : CheckoutFixture
{
    private static readonly Dictionary<string, string?> LongWork = new()
    {
        ["AMBROSIA_VERIFY_ROUNDS"] = "200",
        ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{64 << 20}",
    };

    [TestCase("INT", 130, "Ctrl-C")]
    [TestCase("TERM", 143, "SIGTERM")]
    public async Task A_signal_to_all_of_a_run_stops_it_and_leaves_no_process(string signal, int exitCode, string name)
    {
        using var run = await StartWork();

        await run.SignalGroup(signal);

        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(exitCode), run.Error);
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
        Assert.That(run.Error, Does.Contain($"Cancelled by {name}").And.Not.Contain("   at ").And.Not.Contain("AMB"));
        Assert.That(Checkout.Record().GetProperty("state").GetString(), Is.EqualTo("stopped"));
        Assert.That((await Checkout.Run("Status")).Output, Does.Contain("(Deploy) is stopped: stopped by the user\n"));
    }

    [Test]
    public async Task A_signal_to_the_suite_alone_stops_the_instances_cleanly()
    {
        using var run = await StartWork();

        await run.Signal("TERM");

        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(143), run.Error);
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
        foreach (var instance in (string[])["perftestserver", "perftestclient"])
            Assert.That(Directory.GetFiles(Path.Combine(Checkout.Runs().Single(), instance, "logs"), "*.checkpoint"), Is.Not.Empty, instance);
    }

    [Test]
    public async Task A_second_signal_ends_a_run_at_once_with_all_below_it()
    {
        using var run = await StartWork();

        await run.Signal("INT");
        await run.Signal("INT");

        Assert.That(await run.Exit(TimeSpan.FromSeconds(10)), Is.EqualTo(130));
        Assert.That(() => RunningProcess.Below(Checkout.Root), Is.Empty.After(10_000, 50));
    }

    [Test]
    public async Task Instances_end_within_seconds_when_the_suite_is_killed()
    {
        using var run = await StartWork();

        await run.Signal("KILL");

        Assert.That(await run.Exit(TimeSpan.FromSeconds(10)), Is.EqualTo(137));
        Assert.That(() => RunningProcess.Below(Checkout.Root), Is.Empty.After(15_000, 50));
        Assert.That((await Checkout.Run("Status")).Output, Does.Contain("is interrupted (the process that supervised it is gone)"));
    }

    [Test]
    public async Task A_stopped_run_goes_on_with_resume_to_the_exact_total()
    {
        using var run = await StartWork(new() { ["AMBROSIA_VERIFY_ROUNDS"] = "6", ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{128 << 20}" });
        await run.SignalGroup("INT");
        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(130), run.Error);

        var resumed = await Checkout.Run(
            new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "6", ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{128 << 20}" }, "--resume");

        Assert.That(resumed.ExitCode, Is.Zero, resumed.All);
        Assert.That(resumed.Lines, Has.One.EqualTo($"Verify: Bytes received {6 * 128 << 20} of {6 * 128 << 20}, 0 out of order"));
        Assert.That(Checkout.Runs(), Has.Count.EqualTo(1));
    }

    private async Task<CommandLineProcess> StartWork(Dictionary<string, string?>? work = null)
    {
        var run = Checkout.Start(work ?? LongWork);
        await Until.Holds(() => run.Output.Contains("Round 1 of ", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => run.Output + run.Error);
        return run;
    }
}
