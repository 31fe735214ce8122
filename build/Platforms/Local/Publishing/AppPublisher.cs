using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>Publishes coordinator, Job and Server side by side into <c>artifacts/publish/app/</c>, unless they are there already.</summary>
public sealed class AppPublisher(
    BuildPaths paths, AppInputs inputs, IProcessRunner runner, IBuildConsole console, TimeProvider time, RunStore store, IProcessTable processes)
{
    private static readonly string[] Programs = ["ImmortalCoordinator", "Job", "Server"];
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LockPeriod = TimeSpan.FromMilliseconds(200);

    private string StampPath => paths.PublishedApp + ".hash";

    /// <exception cref="BuildException">AMB4001 with the compiler's own errors. AMB5003: a run uses the programs that would be replaced.</exception>
    public async Task<StepOutcome> PublishAsync(CancellationToken cancellation)
    {
        await using var exclusive = await LockAsync(cancellation);
        var hash = await inputs.HashAsync(cancellation);
        var decision = PublishDecision.Decide(hash, ReadStamp(), MissingPrograms());
        if (!decision.Publish)
            return new StepOutcome(decision.Reason);
        RequireNoRun(decision);
        console.Event($"Publishing the app: {decision.Reason}");
        var fresh = paths.PublishedApp + ".new";
        var started = time.GetTimestamp();
        await Written(() => RemoveDirectory(fresh));
        await RunPublishAsync(fresh, cancellation);
        RequireNoRun(decision);
        await Written(() =>
        {
            File.Delete(StampPath);
            RemoveDirectory(paths.PublishedApp);
            Directory.Move(fresh, paths.PublishedApp);
            File.WriteAllText(StampPath, hash);
        });
        return new StepOutcome($"published (hash {hash}) in {Figures.Seconds(time.GetElapsedTime(started))}: {decision.Reason}");
    }

    /// <summary>
    /// A run restarts what dies from these very programs: replaced, it would go on with another coordinator or app than it began with, and
    /// what is published anew between two of its starts would not be there.
    /// </summary>
    private void RequireNoRun(PublishDecision decision)
    {
        var run = store.All().FirstOrDefault(each => each.Record.State == RunState.Running && processes.IsAlive(each.Record.Suite)).Record;
        if (run is null)
            return;
        throw new BuildException(
            ErrorCode.RunInProgress,
            $"The app must be published ({decision.Reason}), but run {run.Id} is in progress (pid {run.Suite.Pid}) and uses what would be replaced.",
            remedy: "Let it end, or stop it with Ctrl-C or ./build.sh Clean --scope=logs; or use another checkout.");
    }

    /// <exception cref="BuildException">AMB4001: artifacts/ cannot be written.</exception>
    private async Task Written(Action write)
    {
        try
        {
            await Task.Run(write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(e);
        }
    }

    private BuildException NotWritable(Exception e) => new(
        ErrorCode.AppBuildFailed, $"The app cannot be published to {paths.PublishedApp}.", e.Message, "Make artifacts/ writable.", inner: e);

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
        await Written(() => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
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
                throw NotWritable(e);
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
