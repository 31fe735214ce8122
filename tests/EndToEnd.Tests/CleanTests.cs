using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Clean, and what is left behind by whatever ran before it.</summary>
public sealed class CleanTests : CheckoutFixture
{
    [Test]
    public async Task Without_a_scope_it_lists_the_scopes_and_removes_nothing()
    {
        var run = await Checkout.Run("--target=Clean");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB1003: Clean needs a scope."));
        foreach (var scope in (string[])["all", "most", "auth", "logs"])
            Assert.That(run.Output, Does.Contain($"\n  --scope={scope} "), scope);
        Assert.That(Path.Combine(Checkout.Artifacts, "publish"), Does.Exist);
    }

    [Test]
    public async Task An_unknown_scope_is_refused()
    {
        var run = await Checkout.Run("--target=Clean", "--scope=al");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB1003: --scope cannot be \"al\". Did you mean \"all\"?\n"));
    }

    [TestCase("all")]
    [TestCase("most")]
    public async Task Nothing_is_left_after_runs_and_kills(string scope)
    {
        var before = Checkout.Files();
        var run = await Checkout.Run();
        var immortality = await Checkout.Run(
            new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "6", ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{32 << 20}" },
            "Immortality", "--kills=4", "--seed=2");
        Assert.That(Path.Combine(Checkout.Artifacts, "local"), Does.Exist);

        var clean = await Checkout.Run("--target=Clean", $"--scope={scope}");

        Assert.That(new[] { run.ExitCode, immortality.ExitCode, clean.ExitCode }, Is.All.Zero, run.All + immortality.All + clean.All);
        Assert.That(Checkout.Artifacts, Does.Not.Exist);
        Assert.That(Checkout.Files(), Is.EqualTo(before));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task Logs_removes_the_runs_and_keeps_the_programs()
    {
        Assert.That((await Checkout.Run()).ExitCode, Is.Zero);

        var clean = await Checkout.Run("--target=Clean", "--scope=logs");

        Assert.That(clean.ExitCode, Is.Zero, clean.All);
        Assert.That(Path.Combine(Checkout.Artifacts, "local"), Does.Not.Exist);
        Assert.That(Path.Combine(Checkout.Artifacts, "publish", "app"), Does.Exist);
        Assert.That((await Checkout.Run("Status")).Output, Does.Contain("Status: no run yet."));
    }

    [Test]
    public async Task Auth_removes_nothing()
    {
        Assert.That((await Checkout.Run()).ExitCode, Is.Zero);

        var clean = await Checkout.Run("--target=Clean", "--scope=auth");

        Assert.That(clean.ExitCode, Is.Zero, clean.All);
        Assert.That(Checkout.Runs(), Has.Count.EqualTo(1));
    }

    [TestCase("logs")]
    [TestCase("all")]
    public async Task A_run_that_is_still_going_is_stopped_first(string scope)
    {
        using var run = Checkout.Start(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "2000" });
        await Until.Holds(() => run.Output.Contains("Round 1 of ", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => run.Output + run.Error);

        var clean = await Checkout.Run("--target=Clean", $"--scope={scope}");

        Assert.That(clean.ExitCode, Is.Zero, clean.All);
        Assert.That(await run.Exit(TimeSpan.FromSeconds(30)), Is.EqualTo(143), run.Error);
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
        Assert.That(Path.Combine(Checkout.Artifacts, "local"), Does.Not.Exist);
    }
}
