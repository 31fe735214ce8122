using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>Makes runs and carries them out, with the user's view of them.</summary>
public sealed class RunLauncher(RunServices services, RunStore store, RunReport report)
{
    public const string DeployTarget = "Deploy";

    public RunPlan Fresh(string target, BuildSettings settings) => new(target, store.Create(), settings, WorkProgress.None);

    /// <summary>The last deployed run, to go on where its logs end.</summary>
    /// <exception cref="BuildException">AMB5002 when there is none, AMB5003 when it is running.</exception>
    public RunPlan Resume(BuildSettings settings)
    {
        var (directory, record) = store.All().LastOrDefault(run => run.Record.Target == DeployTarget);
        if (directory is null)
            throw new BuildException(ErrorCode.RunNotFound, "There is no run to resume.", remedy: "Leave out --resume to start one.");
        if (record.State == RunState.Running && services.Processes.IsAlive(record.Suite))
        {
            throw new BuildException(
                ErrorCode.RunInProgress,
                $"Run {directory.Id} is in progress (pid {record.Suite.Pid}).",
                remedy: "Stop it with Ctrl-C first, or leave out --resume for a run beside it.");
        }

        return new RunPlan(DeployTarget, directory, settings, RunOutput.Fold(directory, settings).WithJobRestarted());
    }

    /// <exception cref="BuildException">AMB5001 where an instance cannot be kept running, AMB6001 where no progress is made.</exception>
    public async Task<WorkProgress> RunAsync(RunPlan plan, IReadOnlyList<IRunObserver> observers, CancellationToken cancellation)
    {
        services.Console.Event($"Run {plan.Directory.Id}, in {plan.Directory.Path}");
        var verify = plan.Settings.Verify;
        if (verify.Kind == VerifyKind.None)
            services.Console.Line("Running until Ctrl-C; see the output with --target=Logs --follow.");
        var ports = FreePorts.Choose(plan.Settings.Instances.Count);
        var samples = new ProgressSampler(services.Time);
        using var view = verify.Kind == VerifyKind.PerformanceTest ? services.Console.ShowThroughput() : null;
        List<IRunObserver> all = [.. observers, samples];
        if (view is not null)
            all.Add(new ThroughputObserver(view));
        var run = new LocalRun(plan, services, ports, all);
        try
        {
            return await run.RunAsync(cancellation);
        }
        finally
        {
            report.AddThroughput(new RunFigures(plan.Target, plan.Directory.Id, run.Progress.Rounds, samples.Samples));
        }
    }
}
