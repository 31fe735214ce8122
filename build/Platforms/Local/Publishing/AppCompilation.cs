using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>Compiles programs of <c>app/</c> into a directory with <c>dotnet publish</c>.</summary>
public static class AppCompilation
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <param name="project">Below <c>app/</c>.</param>
    /// <param name="properties">Of MSBuild, as NAME=VALUE; they hold for every project that is compiled.</param>
    /// <exception cref="BuildException">AMB4001 with the compiler's own errors.</exception>
    public static async Task RunAsync(
        IProcessRunner runner, BuildPaths paths, string project, string output, IEnumerable<string> properties, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(paths);
        var result = await runner.RunAsync(
            new ProcessRequest(
                "dotnet",
                [
                    "publish", Path.Combine(paths.App, project),
                    "--nologo",
                    "--verbosity", "quiet",
                    "-maxcpucount:1",
                    $"-property:PublishDir={output}{Path.DirectorySeparatorChar}",
                    "-property:UseSharedCompilation=false",
                    .. properties.Select(property => $"-property:{property}"),
                ])
            {
                WorkingDirectory = paths.Root,
                Timeout = Timeout,
                ThrowOnFailure = false,
                // No build server may stay behind when we end.
                Environment = new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1" },
            },
            cancellation);
        if (result.ExitCode == 0)
            return;
        throw new BuildException(
            ErrorCode.AppBuildFailed,
            $"The app does not compile (dotnet publish ended with exit code {result.ExitCode}).",
            remedy: "Mend app/ and run again.",
            toolOutput: CompilerOutput.Errors(result.StandardOutput + "\n" + result.StandardError));
    }
}
