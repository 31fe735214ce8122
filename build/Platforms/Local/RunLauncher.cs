using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
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
    /// <exception cref="BuildException">AMB5002 when there is none of this configuration, AMB5003 when it is running.</exception>
    public RunPlan Resume(BuildSettings settings)
    {
        var directory = LastDeployed(settings, "resume", "Leave out --resume to start one.");
        return new RunPlan(DeployTarget, directory, settings, RunOutput.Fold(directory, settings).WithJobRestarted());
    }

    /// <summary>The last deployed run, for something that needs it to be over and to fit the settings.</summary>
    /// <exception cref="BuildException">AMB5002 when there is none of this configuration, AMB5003 when it is running.</exception>
    public RunDirectory LastDeployed(BuildSettings settings, string purpose, string otherwise)
    {
        var (directory, record) = store.All().LastOrDefault(run => run.Record.Target == DeployTarget);
        if (directory is null)
            throw new BuildException(ErrorCode.RunNotFound, $"There is no run to {purpose}.", remedy: otherwise);
        if (record.State == RunState.Running && services.Processes.IsAlive(record.Suite))
        {
            throw new BuildException(
                ErrorCode.RunInProgress,
                $"Run {directory.Id} is in progress (pid {record.Suite.Pid}).",
                remedy: "Wait until it is done, or stop it with Ctrl-C first.");
        }

        if (RunMatch.Difference(record, settings) is { } difference)
        {
            throw new BuildException(
                ErrorCode.RunNotFound,
                $"Run {directory.Id}, the last one, was made with another configuration: {difference}.",
                remedy: $"Give the --config and the environment variables that it was made with. {otherwise}");
        }

        return directory;
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
        catch (OperationCanceledException) when (plan.Target == DeployTarget)
        {
            services.Console.Event($"Run {plan.Directory.Id} is stopped; --target=Deploy --resume goes on with it.");
            throw;
        }
        finally
        {
            report.AddThroughput(new RunFigures(plan.Target, plan.Directory.Id, run.Progress.Rounds, samples.Samples));
        }
    }
}
