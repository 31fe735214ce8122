using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Status and Logs: before, during and after a run.</summary>
public sealed class ViewTests : CheckoutFixture
{
    [Test]
    public async Task Before_any_run_status_says_so_and_logs_fails()
    {
        var status = await Checkout.Run("Status");
        var logs = await Checkout.Run("Logs");

        Assert.That(status.ExitCode, Is.Zero, status.All);
        Assert.That(status.Output, Does.Contain("Status: no run yet. Start one with ./build.sh\n"));
        Assert.That(logs.ExitCode, Is.EqualTo(1));
        Assert.That(logs.Error, Does.Contain("AMB5002: There is no run yet."));
    }

    [Test]
    public async Task Before_any_run_there_is_nothing_to_resume_or_verify()
    {
        var resume = await Checkout.Run("--resume");
        var verify = await Checkout.Run("--target=Verify", "--exclusive");

        Assert.That(new[] { resume.ExitCode, verify.ExitCode }, Is.All.EqualTo(1));
        Assert.That(resume.Error, Does.Contain("AMB5002: There is no run to resume."));
        Assert.That(verify.Error, Does.Contain("AMB5002: There is no run to verify."));
    }

    [Test]
    public async Task After_a_run_they_show_it_and_it_can_be_verified_again()
    {
        Assert.That((await Checkout.Run()).ExitCode, Is.Zero);

        var status = await Checkout.Run("Status");
        var logs = await Checkout.Run("Logs", "--instance=perftestserver");
        var verify = await Checkout.Run("--target=Verify", "--exclusive");
        var resume = await Checkout.Run("--resume");

        Assert.That(new[] { status.ExitCode, logs.ExitCode, verify.ExitCode, resume.ExitCode }, Is.All.Zero, verify.All + resume.All);
        Assert.That(status.Output, Does.Match(@"\nStatus: run \S+ \(Deploy\) is done\n").And.Contain("12582912 of 12582912 bytes received (100 %)"));
        Assert.That(logs.Lines, Has.One.EqualTo("perftestserver | Bytes received: 12582912").And.None.StartsWith("perftestclient"));
        Assert.That(verify.Lines, Has.One.EqualTo("Verify: Bytes received 12582912 of 12582912, 0 out of order"));
        Assert.That(resume.Lines, Has.One.EqualTo("Verify: Bytes received 12582912 of 12582912, 0 out of order"));
        Assert.That(Checkout.Runs(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_instance_that_the_run_does_not_have_is_refused()
    {
        Assert.That((await Checkout.Run()).ExitCode, Is.Zero);

        var logs = await Checkout.Run("Logs", "--instance=perftestservr");

        Assert.That(logs.ExitCode, Is.EqualTo(1));
        Assert.That(logs.Error, Does.Contain("AMB1003: ").And.Contain("--instance=perftestserver"));
    }

    [Test]
    public async Task During_a_run_they_show_it_live()
    {
        using var run = Checkout.Start(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "2000" });
        using var logs = await FollowLogs(run);

        var status = await Checkout.Run("Status");
        var second = await Checkout.Run("Deploy", "--resume");
        await run.SignalGroup("INT");

        Assert.That(status.Output, Does.Contain("(Deploy) is running\n").And.Match(@"perftestclient: ready, coordinator pid \d+, app pid \d+, 0 restarts"));
        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.Error, Does.Contain("AMB5003: ").And.Contain("is in progress"));
        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(130));
        Assert.That(await logs.Exit(TimeSpan.FromSeconds(30)), Is.Zero, logs.Error);
    }

    [Test]
    public async Task What_would_run_is_told_without_running_it()
    {
        var dryRun = await Checkout.Run("--dryrun", "--target=Immortality", "--kills=3");
        var tree = await Checkout.Run("--tree");
        var description = await Checkout.Run("--description");
        var version = await Checkout.Run("--version");

        Assert.That(new[] { dryRun.ExitCode, tree.ExitCode, description.ExitCode, version.ExitCode }, Is.All.Zero);
        Assert.That(dryRun.Output, Does.Contain("BuildImages\n").And.Contain("Immortality\n").And.Not.Contain("Deploy\n"));
        Assert.That(tree.Output, Does.Contain("Default\n└─Verify\n   └─Deploy\n"));
        Assert.That(description.Output, Does.Contain("Immortality").And.Contain("Removes what the suite has made"));
        Assert.That(version.Output, Does.Match(@"\A\d+\.\d+\.\d+\n\z"));
        Assert.That(Checkout.Runs(), Is.Empty);
        Assert.That(Path.Combine(Checkout.Artifacts, "report"), Does.Not.Exist);
    }

    [Test]
    public async Task A_plan_for_a_program_is_all_of_standard_output()
    {
        var plan = await Checkout.Run("Plan", "--format=json");

        using var answer = System.Text.Json.JsonDocument.Parse(plan.Output);
        Assert.That(plan.ExitCode, Is.Zero, plan.All);
        Assert.That(answer.RootElement.GetProperty("exitCode").GetInt32(), Is.Zero);
    }

    [TestCase("Deploy", "--fresh")]
    [TestCase("Immortality", "--live")]
    public async Task What_means_nothing_on_this_machine_is_refused(string target, string argument)
    {
        var run = await Checkout.Run(target, argument);

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.Contain($"AMB1001: {argument} means nothing on local."));
        Assert.That(Checkout.Runs(), Is.Empty);
    }

    private async Task<CommandLineProcess> FollowLogs(CommandLineProcess run)
    {
        await Until.Holds(() => run.Output.Contains("Round 1 of ", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => run.Output + run.Error);
        var logs = Checkout.Start("Logs", "--follow");
        await Until.Holds(
            () => logs.Output.Contains("perftestserver | Service Received 64 MB so far", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            () => logs.Output + logs.Error);
        return logs;
    }
}
