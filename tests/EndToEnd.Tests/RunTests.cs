using System.Text.Json;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>The default run and Immortality, from start to end.</summary>
public sealed class RunTests : CheckoutFixture
{
    [Test]
    public async Task The_default_run_verifies_every_byte_and_ends_with_the_summary()
    {
        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Lines, Has.One.EqualTo("Platform:  local (no AmbrosiaAKSConf.json)"));
        Assert.That(run.Lines, Has.One.EqualTo("ProvisionAcr: not needed on local"));
        Assert.That(run.Output, Does.Match(@"\n\d\d:\d\d:\d\d Round 1 of 3:  65536 bytes per message, \d+\.\d{4} GiB/s\n"));
        Assert.That(run.Output, Does.Match(@"\n\d\d:\d\d:\d\d Round 3 of 3:  16384 bytes per message, \d+\.\d{4} GiB/s\n"));
        Assert.That(run.Lines, Has.One.EqualTo("Verify: Bytes received 12582912 of 12582912, 0 out of order"));
        Assert.That(run.Output.TrimEnd(), Does.Match(@"\nTask +Duration +Status[\s\S]*\nVerify .* Succeeded[\s\S]*\nTotal: .*\z"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task Reports_are_written_as_data_as_a_page_and_for_the_pipeline()
    {
        var summary = Path.Combine(Checkout.Temp, "summary.md");

        var run = await Checkout.Run(new Dictionary<string, string?> { ["GITHUB_STEP_SUMMARY"] = summary });

        Assert.That(run.ExitCode, Is.Zero, run.All);
        var report = Path.Combine(Checkout.Artifacts, "report");
        using var data = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")));
        Assert.That(data.RootElement.GetRawText(), Does.Contain("Bytes received 12582912 of 12582912, 0 out of order"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(report, "report.html")), Does.Contain("<svg").And.Contain("Verify"));
        Assert.That(await File.ReadAllTextAsync(summary), Does.Contain("Verify").And.Contain("65536"));
    }

    [Test]
    public async Task Immortality_survives_its_kills_with_the_exact_total_and_says_so_in_one_line()
    {
        var run = await Checkout.Run(
            new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "6", ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{32 << 20}" },
            "--target=Immortality", "--kills=4", "--seed=1");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(
            run.Lines.Where(line => line.StartsWith("Immortality: ", StringComparison.Ordinal)),
            Is.EqualTo(new[] { run.Lines.Single(line => line.Contains(" kills survived, ", StringComparison.Ordinal)) }));
        Assert.That(
            run.Output,
            Does.Match(@"\nImmortality: 4 kills survived, Bytes received 201326592 of 201326592, 0 out of order, slowest recovery \d+\.\d s\n$"));
        foreach (var victim in (string[])["app of perftestclient", "app of perftestserver", "coordinator of perftestclient", "coordinator of perftestserver"])
            Assert.That(run.Output, Does.Match($@"\nkill \d/4: {victim} at \d+ %, recovered in "), victim);
        Assert.That(run.Output, Does.Contain("--seed=1"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [TestCase("--kills=0")]
    [TestCase("--kills=-1")]
    [TestCase("--kills=many")]
    [TestCase("--kills=4.5")]
    [TestCase("--seed=-1")]
    [TestCase("--seed=one")]
    public async Task Kills_and_seeds_that_are_none_are_refused(string typed)
    {
        var run = await Checkout.Run("--target=Immortality", typed);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB1003: ").And.Contain(typed.Split('=')[0]));
        Assert.That(Checkout.Runs(), Is.Empty);
    }
}
