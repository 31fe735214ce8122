using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>Publishes coordinator, Job and Server side by side into <c>artifacts/publish/app/</c>, unless they are there already.</summary>
public sealed class AppPublisher(BuildPaths paths, AppInputs inputs, IProcessRunner runner, IBuildConsole console, TimeProvider time)
{
    private static readonly string[] Programs = ["ImmortalCoordinator", "Job", "Server"];
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LockPeriod = TimeSpan.FromMilliseconds(200);

    private string StampPath => paths.PublishedApp + ".hash";

    /// <exception cref="BuildException">AMB4001 with the compiler's own errors.</exception>
    public async Task<StepOutcome> PublishAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(paths.PublishedApp)!);
        await using var exclusive = await LockAsync(cancellation);
        var hash = await inputs.HashAsync(cancellation);
        var decision = PublishDecision.Decide(hash, ReadStamp(), MissingPrograms());
        if (!decision.Publish)
            return new StepOutcome(decision.Reason);
        console.Event($"Publishing the app: {decision.Reason}");
        File.Delete(StampPath);
        var fresh = paths.PublishedApp + ".new";
        RemoveDirectory(fresh);
        var started = time.GetTimestamp();
        await RunPublishAsync(fresh, cancellation);
        // A run in progress keeps its open files; what starts from here on gets the new programs, and never half of them.
        RemoveDirectory(paths.PublishedApp);
        Directory.Move(fresh, paths.PublishedApp);
        await File.WriteAllTextAsync(StampPath, hash, cancellation);
        return new StepOutcome($"published (hash {hash}) in {Figures.Seconds(time.GetElapsedTime(started))}: {decision.Reason}");
    }

    private async Task RunPublishAsync(string output, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(
            new ProcessRequest(
                "dotnet",
                [
                    "publish", Path.Combine(paths.App, "App.proj"),
                    "--nologo",
                    "--verbosity", "quiet",
                    "-maxcpucount:1",
                    $"-property:PublishDir={output}{Path.DirectorySeparatorChar}",
                    "-property:UseSharedCompilation=false",
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

    private string? ReadStamp() => File.Exists(StampPath) ? File.ReadAllText(StampPath).Trim() : null;

    private List<string> MissingPrograms() =>
        [.. Programs.Where(program => !File.Exists(Path.Combine(paths.PublishedApp, OperatingSystem.IsWindows() ? program + ".exe" : program)))];

    /// <summary>Two runs of the suite in one checkout must not publish at once.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        var path = paths.PublishedApp + ".lock";
        using var timer = new PeriodicTimer(LockPeriod, time);
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                if (!told)
                    console.Event($"Waiting for another run that publishes the app ({path})");
                await timer.WaitForNextTickAsync(cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new BuildException(
                    ErrorCode.AppBuildFailed, $"The app cannot be published to {paths.PublishedApp}.", e.Message, "Make artifacts/ writable.", inner: e);
            }
        }
    }

    /// <summary>ERROR_SHARING_VIOLATION on Windows; elsewhere .NET passes on the EWOULDBLOCK of flock (11 on Linux, 35 on macOS).</summary>
    private static bool IsHeldByAnother(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;

    private static void RemoveDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
