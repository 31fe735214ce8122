using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Tasks.Testing;

/// <summary>Runs the solution's tests and tells what failed and what was left out.</summary>
public sealed class TestRunner(BuildPaths paths, IProcessRunner runner, IBuildConsole console, ClosingLines closing)
{
    /// <summary>For what hangs where no test can be named, such as the compiler or a test host that does not start.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    /// <exception cref="BuildException">AMB6003: a test failed, or the tests could not be run. AMB2003: they took too long.</exception>
    public async Task<StepOutcome> RunAsync(string? filter, CancellationToken cancellation)
    {
        if (Directory.Exists(paths.TestResults))
            Directory.Delete(paths.TestResults, recursive: true);
        Directory.CreateDirectory(paths.TestResults);
        var run = await runner.RunAsync(Request(filter), cancellation);
        var files = Directory.GetFiles(paths.TestResults, "*.trx");
        var results = TestResults.Parse(files.Select(File.ReadAllText));
        foreach (var test in results.Skipped)
            console.Line($"Skipped: {test.Name}: {test.Message}");
        foreach (var test in results.Failed)
            console.Line($"Failed: {test.Name}\n{test.Message}\n");
        closing.Add(results.Summary);
        var failed = results.Failed.Count();
        if (failed > 0 || run.ExitCode != 0 || results.Cases.Count == 0)
        {
            throw new BuildException(
                ErrorCode.TestsFailed,
                failed > 0 ? $"{failed} tests failed." : "The tests could not be run.",
                cause: failed > 0 ? null : results.Cases.Count == 0 ? "No test ran." : $"dotnet test ended with exit code {run.ExitCode}.",
                remedy: $"The results are in {paths.TestResults}.",
                toolOutput: failed > 0 ? null : CompilerOutput.Errors(run.StandardOutput + "\n" + run.StandardError));
        }

        return new StepOutcome(results.Summary);
    }

    private ProcessRequest Request(string? filter)
    {
        List<string> arguments =
        [
            "test", paths.Solution,
            "--configuration", "Release",
            "--nologo",
            "--logger", "trx;LogFilePrefix=tests",
            "--results-directory", paths.TestResults,
            // A test that hangs is named and ended, and those of the other projects go on. No dump: it would hold gigabytes.
            "--blame-hang-timeout", "5m",
            "--blame-hang-dump-type", "none",
            "-property:UseSharedCompilation=false",
        ];
        if (filter is not null)
            arguments.AddRange(["--filter", filter]);
        return new ProcessRequest("dotnet", arguments)
        {
            WorkingDirectory = paths.Root,
            ThrowOnFailure = false,
            Timeout = Timeout,
            Environment = new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1" },
            OnOutputLine = line =>
            {
                // One line a project; the tests themselves are told from the result files.
                if (line.StartsWith("Passed!", StringComparison.Ordinal) || line.StartsWith("Failed!", StringComparison.Ordinal))
                    console.Event(line);
            },
        };
    }
}
