using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>What a person gets who types at build.sh.</summary>
public sealed class CommandLineTests : CheckoutFixture
{
    private static readonly string[] PipelineTargets =
        ["Configure", "ProvisionStorage", "ProvisionAcr", "ProvisionAks", "BuildImages", "Push", "Deploy", "Verify", "Default"];

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("Help")]
    [TestCase("--target=help")]
    public async Task Help_is_printed_and_nothing_else(string typed)
    {
        var run = await Checkout.Run(typed);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.StartWith("Takes an AMBROSIA service").And.Contain("Usage: ./build.sh").And.Contain("--kills=N"));
        Assert.That(run.Error, Is.Empty);
    }

    [Test]
    public async Task The_pipeline_runs_in_its_order()
    {
        var run = await Checkout.Run("--dryrun");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain(string.Concat(PipelineTargets.Select((target, index) => $"{index + 1}. {target}\n"))));
    }

    [TestCase("--target=Deplyo")]
    [TestCase("Deplyo")]
    public async Task A_mistyped_target_is_refused_with_the_right_spelling(string typed)
    {
        var run = await Checkout.Run(typed);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB1002: There is no target \"Deplyo\". Did you mean \"Deploy\"?\n"));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public async Task A_mistyped_argument_is_refused_with_the_right_spelling()
    {
        var run = await Checkout.Run("Clean", "--scop=all");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB1001: There is no argument \"--scop\". Did you mean \"--scope\"?\n"));
    }

    [TestCase("a  b \"c\" 'd' * $HOME \\")]
    [TestCase("")]
    public async Task Arguments_arrive_as_they_were_typed(string typed)
    {
        Assert.That((await Checkout.Run(typed)).Error, Does.StartWith($"AMB1002: There is no target \"{typed}\"."));
    }

    [Test]
    public async Task It_runs_from_another_directory_and_through_a_link()
    {
        var directory = Directory.CreateTempSubdirectory("ambrosia link ");
        try
        {
            var link = Path.Combine(directory.FullName, "build link");
            File.CreateSymbolicLink(link, Checkout.Script);

            using var process = CommandLineProcess.Start(link, directory.FullName, new Dictionary<string, string?>(), "Status", "--dryrun");
            var run = await process.Result(TimeSpan.FromMinutes(1));

            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(run.Output, Does.Contain("1. Status\n"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
