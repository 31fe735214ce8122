using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Cleaning;

/// <summary>Removes what the suite has made on this machine: first the processes, then the files, then it looks again.</summary>
public sealed class LocalCleaner(
    BuildPaths paths, RunStore store, IProcessTable processes, IDeferredRemoval removal, IBuildConsole console, TimeProvider time)
{
    /// <summary>What a run may take to end by itself: its instances' last checkpoints, and its report.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    public async Task<StepOutcome> StopRunsAsync(CleanScope scope, CancellationToken cancellation)
    {
        if (!CleanPlan.For(scope).StopRuns)
            return new StepOutcome("no instance to stop for this scope");
        var stopped = 0;
        foreach (var (directory, record) in store.All())
        {
            var living = Processes(record).Where(processes.IsAlive).ToList();
            if (living.Count == 0)
                continue;
            console.Line($"Stopping run {record.Id}: pids {string.Join(", ", living.Select(process => process.Pid))}");
            await StopAsync(directory, record, cancellation);
            stopped++;
        }

        return new StepOutcome(stopped == 0 ? "nothing is running" : $"{stopped} runs stopped");
    }

    public async Task<StepOutcome> RemoveRunsAsync(CleanScope scope, CancellationToken cancellation)
    {
        if (!CleanPlan.For(scope).RemoveRuns)
            return new StepOutcome("no logs to remove for this scope");
        if (!Directory.Exists(paths.LocalRuns))
            return new StepOutcome("no runs");
        var runs = Directory.GetDirectories(paths.LocalRuns);
        console.Line($"Removing {runs.Length} runs: {paths.LocalRuns}");
        await Task.Run(() => Remove(paths.LocalRuns), cancellation);
        if (!Directory.Exists(paths.LocalRuns))
            return new StepOutcome($"{runs.Length} runs removed");
        throw new BuildException(
            ErrorCode.InstanceFailed,
            $"Some of {paths.LocalRuns} remains.",
            toolOutput: string.Join('\n', Directory.EnumerateFileSystemEntries(paths.LocalRuns, "*", SearchOption.AllDirectories).Take(20)),
            remedy: "End what still uses it, or mend its permissions, and run Clean again.");
    }

    public StepOutcome RemoveArtifacts(CleanScope scope)
    {
        if (!CleanPlan.For(scope).RemoveArtifacts)
            return new StepOutcome("no programs to remove for this scope");
        console.Line($"Removing {paths.Artifacts}");
        // This very program lies below it, and on Windows a running program's file cannot be deleted.
        removal.RemoveAtExit(paths.Artifacts);
        return new StepOutcome("artifacts/ is removed at exit");
    }

    private static IEnumerable<ProcessIdentity> Processes(RunRecord record)
    {
        // Whatever the state: a suite whose run is over still writes its report into artifacts/.
        if (record.Suite != ProcessIdentity.Current)
            yield return record.Suite;
        foreach (var instance in record.Instances)
        {
            if (instance.Coordinator is { } coordinator)
                yield return coordinator;
            if (instance.App is { } app)
                yield return app;
        }
    }

    private async Task StopAsync(RunDirectory directory, RunRecord record, CancellationToken cancellation)
    {
        // The suite first: while it lives it restarts what ends. It stops its instances itself.
        if (record.Suite != ProcessIdentity.Current && processes.IsAlive(record.Suite))
            processes.Terminate(record.Suite);
        else
            TerminateInstances(record);
        using var timer = new PeriodicTimer(LookPeriod, time);
        var since = time.GetTimestamp();
        var latest = record;
        // Also those of the first look: a suite that has recorded its end still writes its report.
        while (Processes(latest).Concat(Processes(record)).Any(processes.IsAlive) && time.GetElapsedTime(since) < StopGrace)
        {
            await timer.WaitForNextTickAsync(cancellation);
            latest = RunStore.Read(directory) ?? latest;
        }

        foreach (var process in Processes(latest).Concat(Processes(record)))
            processes.Kill(process);
    }

    private void TerminateInstances(RunRecord record)
    {
        foreach (var coordinator in record.Instances.Select(instance => instance.Coordinator).OfType<ProcessIdentity>())
            processes.Terminate(coordinator);
    }

    private static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What remains is listed by the caller.
        }
    }
}
