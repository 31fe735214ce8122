using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>Waits for the rollout, follows the work, and judges it by the last values: also of work that was done before we came.</summary>
public sealed class KubernetesVerifier(
    ISettingsProvider settings, IClusterAccess clusterAccess, IRolloutWaiter rollout, ClusterServices services, RunReport report)
{
    /// <exception cref="BuildException">AMB5013: the instances do not run. AMB6001: the oracle does not hold, or is not reached.</exception>
    public async Task<StepOutcome> VerifyAsync(CancellationToken cancellation)
    {
        var wanted = settings.Settings;
        var access = await clusterAccess.GetAsync(cancellation);
        await rollout.WaitAsync(access, wanted, cancellation);
        foreach (var line in UserCommands.Of(access, wanted, OperatingSystem.IsWindows()))
            services.Console.Line(line);
        switch (wanted.Verify.Kind)
        {
            case VerifyKind.None:
                return new StepOutcome($"{wanted.Instances.Count} instances run (verify.kind is none)");
            case VerifyKind.LogPattern:
                var search = new ClusterRun(services, access, wanted, []);
                await search.RunAsync(cancellation);
                return new StepOutcome(search.Matched!);
            default:
                services.Console.Line(ExpectedDuration.Describe(wanted.Verify));
                return Outcome(await FollowAsync(access, wanted, cancellation), wanted);
        }
    }

    private async Task<ClusterRun> FollowAsync(ClusterAccess access, BuildSettings wanted, CancellationToken cancellation)
    {
        using var view = services.Console.ShowThroughput();
        var throughput = new ThroughputObserver(view, services.Time);
        var run = new ClusterRun(services, access, wanted, [throughput]);
        try
        {
            await run.RunAsync(cancellation);
            return run;
        }
        finally
        {
            report.AddThroughput(new RunFigures("Verify", $"{access.Namespace}/{wanted.ServiceName}", run.Progress.Rounds, throughput.Samples));
        }
    }

    private static StepOutcome Outcome(ClusterRun run, BuildSettings wanted)
    {
        var verdict = ClusterVerdict.Judge(run.Progress, wanted);
        return verdict.Holds
            ? new StepOutcome(verdict.Text)
            : throw new BuildException(
                ErrorCode.VerificationFailed, $"{verdict.Text}: {verdict.Problem}.", toolOutput: run.LastLines,
                remedy: "./build.sh --target=Logs shows all of the output; --target=Deploy --fresh starts anew");
    }
}
