using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Tasks.Testing;

/// <summary>Runs the solution's tests and tells what failed and what was left out.</summary>
public sealed class TestRunner(BuildPaths paths, TestTools tools, IProcessRunner runner, IBuildConsole console, ClosingLines closing)
{
    /// <summary>For what hangs where no test can be named, such as the compiler or a test host that does not start.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    /// <exception cref="BuildException">AMB6003: a test failed, or the tests could not be run. AMB2003: they took too long.</exception>
    public async Task<StepOutcome> RunAsync(string? filter, CancellationToken cancellation)
    {
        if (Directory.Exists(paths.TestResults))
            Directory.Delete(paths.TestResults, recursive: true);
        Directory.CreateDirectory(paths.TestResults);
        await tools.SetUpAsync(cancellation);
        // By itself: a test run that also compiles runs one project after another, and one that does not as many as there are processors.
        var compiled = await runner.RunAsync(Dotnet(["build", paths.Solution, "--configuration", "Release", "--nologo", "-property:UseSharedCompilation=false"]), cancellation);
        if (compiled.ExitCode != 0)
        {
            closing.Add(new TestResults([]).Summary); // whoever reads the last line finds one
            throw Unrunnable($"dotnet build ended with exit code {compiled.ExitCode}.", compiled);
        }

        var run = await runner.RunAsync(Request(filter), cancellation);
        var files = Directory.GetFiles(paths.TestResults, "*.trx");
        var results = TestResults.Parse(files.Select(File.ReadAllText));
        foreach (var test in results.Skipped)
            console.Line($"Skipped: {test.Name}: {test.Message}");
        foreach (var test in results.Failed)
            console.Line($"Failed: {test.Name}\n{test.Message}\n");
        closing.Add(results.Summary);
        var failed = results.Failed.Count();
        if (failed > 0)
            throw new BuildException(ErrorCode.TestsFailed, $"{failed} tests failed.", remedy: Remedy);
        if (run.ExitCode != 0 || results.Cases.Count == 0)
            throw Unrunnable(results.Cases.Count == 0 ? "No test ran." : $"dotnet test ended with exit code {run.ExitCode}.", run);
        return new StepOutcome(results.Summary);
    }

    private string Remedy => $"The results are in {paths.TestResults}.";

    private BuildException Unrunnable(string cause, ProcessResult run) => new(
        ErrorCode.TestsFailed, "The tests could not be run.", cause, Remedy, CompilerOutput.Errors(run.StandardOutput + "\n" + run.StandardError));

    private ProcessRequest Request(string? filter)
    {
        List<string> arguments =
        [
            "test", paths.Solution,
            "--no-build",
            "--configuration", "Release",
            "--nologo",
            // One file a project, named after it (Directory.Build.targets): names made of the time of day could meet.
            "-property:RecordsTests=true",
            "--results-directory", paths.TestResults,
            // A test that hangs is named and ended, and those of the other projects go on. No dump: it would hold gigabytes.
            "--blame-hang-timeout", "5m",
            "--blame-hang-dump-type", "none",
        ];
        // Who names tests may mean a benchmark; otherwise one would be told as a test that was skipped.
        arguments.AddRange(["--filter", filter ?? "TestCategory!=Benchmark"]);
        return Dotnet(arguments) with
        {
            OnOutputLine = line =>
            {
                // One line a project; the tests themselves are told from the result files.
                if (line.StartsWith("Passed!", StringComparison.Ordinal) || line.StartsWith("Failed!", StringComparison.Ordinal))
                    console.Event(line);
            },
        };
    }

    private ProcessRequest Dotnet(IReadOnlyList<string> arguments) => new("dotnet", arguments)
    {
        WorkingDirectory = paths.Root,
        ThrowOnFailure = false,
        Timeout = Timeout,
        Environment = new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1" },
    };
}
