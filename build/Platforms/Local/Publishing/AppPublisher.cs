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

    private string StampPath => paths.PublishedApp + ".hash";

    /// <exception cref="BuildException">AMB4001 with the compiler's own errors. AMB5003: a run uses the programs that would be replaced.</exception>
    public async Task<StepOutcome> PublishAsync(CancellationToken cancellation)
    {
        await using var exclusive = await PublishLock.AcquireAsync(paths.PublishedApp, console, time, cancellation);
        var hash = await inputs.HashAsync(cancellation);
        var decision = PublishDecision.Decide(hash, ReadStamp(), MissingPrograms());
        if (!decision.Publish)
            return new StepOutcome(decision.Reason);
        RequireNoRun(decision);
        console.Event($"Publishing the app: {decision.Reason}");
        var fresh = paths.PublishedApp + ".new";
        var started = time.GetTimestamp();
        await PublishLock.WrittenAsync(paths.PublishedApp, () => RemoveDirectory(fresh));
        await AppCompilation.RunAsync(runner, paths, "App.proj", fresh, [], cancellation);
        RequireNoRun(decision);
        await PublishLock.WrittenAsync(paths.PublishedApp, () =>
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

    private string? ReadStamp() => File.Exists(StampPath) ? File.ReadAllText(StampPath).Trim() : null;

    private List<string> MissingPrograms() =>
        [.. Programs.Where(program => !File.Exists(Path.Combine(paths.PublishedApp, OperatingSystem.IsWindows() ? program + ".exe" : program)))];

    private static void RemoveDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
