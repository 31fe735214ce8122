using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>What a person gets who types at build.sh.</summary>
[Platform(Exclude = "Win")]
[NonParallelizable]
public sealed class CommandLineTests
{
    private static readonly string[] PipelineTargets =
        ["Configure", "ProvisionStorage", "ProvisionAcr", "ProvisionAks", "BuildImages", "Push", "Deploy", "Verify", "Default"];

    [OneTimeSetUp]
    public async Task Compile()
    {
        var run = await CommandLineProcess.Run("--help");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("Help")]
    [TestCase("--target=help")]
    public async Task Help_is_printed_and_nothing_else(string typed)
    {
        var run = await CommandLineProcess.Run(typed);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.StartWith("Takes an AMBROSIA service").And.Contain("Usage: ./build.sh").And.Contain("--kills=N"));
        Assert.That(run.Error, Is.Empty);
    }

    [Test]
    public async Task The_pipeline_runs_in_its_order()
    {
        var run = await CommandLineProcess.Run("--dryrun");

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain(string.Concat(PipelineTargets.Select((target, index) => $"{index + 1}. {target}\n"))));
    }

    [TestCase("--target=Deplyo")]
    [TestCase("Deplyo")]
    public async Task A_mistyped_target_is_refused_with_the_right_spelling(string typed)
    {
        var run = await CommandLineProcess.Run(typed);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB1002: There is no target \"Deplyo\". Did you mean \"Deploy\"?\n"));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public async Task A_mistyped_argument_is_refused_with_the_right_spelling()
    {
        var run = await CommandLineProcess.Run("Clean", "--scop=all");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB1001: There is no argument \"--scop\". Did you mean \"--scope\"?\n"));
    }

    [TestCase("a  b \"c\" 'd' * $HOME \\")]
    [TestCase("")]
    public async Task Arguments_arrive_as_they_were_typed(string typed)
    {
        Assert.That((await CommandLineProcess.Run(typed)).Error, Does.StartWith($"AMB1002: There is no target \"{typed}\"."));
    }

    [Test]
    public async Task It_runs_from_another_directory_and_through_a_link()
    {
        var directory = Directory.CreateTempSubdirectory("ambrosia link ");
        try
        {
            var link = Path.Combine(directory.FullName, "build link");
            File.CreateSymbolicLink(link, CommandLineProcess.Script);

            var run = await CommandLineProcess.RunFrom(link, directory.FullName, "Status", "--dryrun");

            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(run.Output, Does.Contain("1. Status\n"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [TestCase("INT", 130, "Ctrl-C")]
    [TestCase("TERM", 143, "SIGTERM")]
    public async Task A_signal_ends_a_run_with_one_line_and_its_exit_code(string signal, int exitCode, string name)
    {
        using var run = CommandLineProcess.Start(CommandLineProcess.Script, "/", "--target=Deploy");
        Assert.That(() => run.Output, Does.Contain("Deploy\n====").After(180_000, 50));

        await run.Signal(signal);

        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(exitCode));
        Assert.That(run.Error, Does.Contain($"Cancelled by {name}"));
        Assert.That(run.Error, Does.Not.Contain("   at ").And.Not.Contain("AMB9001"));
    }

    [Test]
    public async Task A_second_signal_ends_a_run_at_once_with_all_below_it()
    {
        using var run = CommandLineProcess.Start(CommandLineProcess.Script, "/", "--target=Deploy");
        Assert.That(() => run.Output, Does.Contain("Deploy\n====").After(180_000, 50));

        await run.Signal("INT");
        await run.Signal("INT");

        Assert.That(await run.Exit(TimeSpan.FromSeconds(10)), Is.EqualTo(130));
        Assert.That(CommandLineProcess.RunningInstances, Is.Empty.After(10_000, 50));
    }
}
