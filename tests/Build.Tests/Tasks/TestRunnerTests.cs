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
public sealed class TestRunnerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ClosingLines _closing = new();

    private BuildPaths Paths => new(_directory.Path);

    private ScriptedCommand Compilation => new("dotnet", ["build", Paths.Solution, "--configuration", "Release", "--nologo", "-property:UseSharedCompilation=false"]);

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Tests_that_do_not_compile_are_not_run_and_the_compiler_is_quoted()
    {
        using var runner = new ScriptedProcessRunner(Compilation with { ExitCode = 1, Output = "/src/A.cs(1,1): error CS1002: ; expected [/src/A.csproj]\n" });

        var failure = await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, null));

        Assert.That(failure!.Message, Does.StartWith("AMB6003: The tests could not be run.").And.Contain("CS1002").And.Contain("dotnet build ended with exit code 1"));
        Assert.That(LastLine(), Is.EqualTo("0 passed, 0 failed, 0 skipped"));
    }

    [Test]
    public async Task A_run_in_which_no_test_ran_is_a_failure()
    {
        using var runner = new ScriptedProcessRunner(Compilation, Run("Name~Nothing"));

        var failure = await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, "Name~Nothing"));

        Assert.That(failure!.Message, Does.Contain("No test ran."));
    }

    [Test]
    public async Task Without_a_filter_benchmarks_are_left_out()
    {
        using var runner = new ScriptedProcessRunner(Compilation, Run("TestCategory!=Benchmark"));

        await Assert.ThrowsAsync<BuildException>(() => RunAsync(runner, null));

        Assert.That(LastLine(), Is.EqualTo("0 passed, 0 failed, 0 skipped"));
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
        new TestRunner(Paths, runner, Substitute.For<IBuildConsole>(), _closing).RunAsync(filter, default);
}
