using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <summary>Shows that the service survives: kills processes, pods and a node's worth of it while it works, and judges the total at the end.</summary>
public sealed class KubernetesImmortality(
    ISettingsProvider settings, IClusterAccess clusterAccess, IRolloutWaiter rollout, PairDeployment pairs, IConfirmation confirmation,
    ClusterServices services, RunReport report)
{
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromMinutes(8);

    /// <summary>How often a pair is made, each with more work than the one before.</summary>
    private const int Attempts = 3;

    /// <summary>
    /// A kill takes a second or two, during which a share does some ten megabytes and a fast disk hundreds: what fills minutes on the one
    /// is over on the other before the second kill. Which it is only a run tells.
    /// </summary>
    private const int Growth = 12;

    /// <exception cref="BuildException">AMB6002: something was lost, doubled or reordered, or did not come back.</exception>
    public async Task<StepOutcome> ProveAsync(ImmortalityOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.Console.Line(options.Repetition);
        var access = await clusterAccess.GetAsync(cancellation);
        if (options.Live)
        {
            await confirmation.RequireAsync(
                $"Kill the deployed instances {Names(settings.Settings)} {options.Kills} times?{await DrainNoticeAsync(access, options, cancellation)}", cancellation);
            return (await ProveAsync(access, settings.Settings, options, cancellation)).OrThrow();
        }

        var pair = OwnPair.Of(settings.Settings);
        await confirmation.RequireAsync(
            $"Deploy a pair of its own ({Names(pair)}) into namespace {access.Namespace}, kill it {options.Kills} times, and remove it?"
                + await DrainNoticeAsync(access, options, cancellation),
            cancellation);
        for (var attempt = 1; ; attempt++)
        {
            var proof = await ProveAloneAsync(access, pair, options, cancellation);
            if (!proof.EndedEarly || attempt == Attempts || OwnPair.WithMoreWork(pair, Growth) is not { } larger)
                return proof.OrThrow();
            pair = larger;
            services.Console.Event(
                $"The work was done before all kills were made: once more, with rounds of {Figures.MiB(pair.Verify.RoundBytes)}");
        }
    }

    private async Task<Proof> ProveAloneAsync(ClusterAccess access, BuildSettings pair, ImmortalityOptions options, CancellationToken cancellation)
    {
        var spec = await pairs.PrepareAsync(pair, cancellation);
        try
        {
            await pairs.MakeAsync(access, settings.Settings, spec, cancellation);
            return await ProveAsync(access, pair, options, cancellation);
        }
        finally
        {
            await RemoveAsync(access, spec);
        }
    }

    /// <summary>Nodes are everybody's: others see that one takes no pods for a while.</summary>
    private async Task<string> DrainNoticeAsync(ClusterAccess access, ImmortalityOptions options, CancellationToken cancellation) =>
        options.Kills > 1 && await SchedulableNodesAsync(access, cancellation) > 1
            ? " One node of the cluster is cordoned for up to a minute or so meanwhile, and takes no new pods, nobody's; of the pods on it only these are moved."
            : "";

    private static string Names(BuildSettings deployment) => string.Join(", ", deployment.Instances.Select(instance => instance.Name));

    private async Task<Proof> ProveAsync(ClusterAccess access, BuildSettings deployment, ImmortalityOptions options, CancellationToken cancellation)
    {
        await rollout.WaitAsync(access, deployment, cancellation);
        var nodes = await SchedulableNodesAsync(access, cancellation);
        services.Console.Line(nodes > 1
            ? $"Nodes: {nodes} take pods, so one is drained too"
            : "Nodes: fewer than two that take pods and may be read and drained, so none is drained");
        var schedule = ClusterKill.Plan(options.Kills, options.Seed, deployment.Verify.ExpectedBytes, nodes > 1);
        await using var striker = new Striker(services, access, deployment.ServiceName);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var killer = new ClusterKiller(schedule, striker, services, ending.Token);
        try
        {
            return ProofOf(await RunAsync(access, deployment, killer, options, cancellation), killer, deployment, options);
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private async Task<ClusterRun> RunAsync(
        ClusterAccess access, BuildSettings deployment, ClusterKiller killer, ImmortalityOptions options, CancellationToken cancellation)
    {
        using var view = services.Console.ShowThroughput();
        var throughput = new ThroughputObserver(view, services.Time);
        var run = new ClusterRun(services, access, deployment, [throughput, killer]);
        try
        {
            await run.RunAsync(cancellation);
            await killer.CompleteAsync();
            return run;
        }
        catch (BuildException exception) when (exception.Code is ErrorCode.VerificationFailed)
        {
            throw new BuildException(
                ErrorCode.ImmortalityFailed, $"{killer.Recoveries.Count} of {killer.Kills} kills survived: {exception.What}", toolOutput: run.LastLines,
                remedy: $"Repeat with --seed={options.Seed}.", inner: exception);
        }
        finally
        {
            report.AddThroughput(new RunFigures("Immortality", $"{access.Namespace}/{deployment.ServiceName}", run.Progress.Rounds, throughput.Samples));
        }
    }

    private static Proof ProofOf(ClusterRun run, ClusterKiller killer, BuildSettings deployment, ImmortalityOptions options)
    {
        var verdict = ImmortalityVerdict.Judge(
            options.Kills, [.. killer.Recoveries.Select(recovery => recovery.Own)], ClusterVerdict.Judge(run.Progress, deployment));
        if (!verdict.Holds)
        {
            return new Proof(null, verdict.EndedEarly, new BuildException(
                ErrorCode.ImmortalityFailed,
                verdict.Text,
                cause: options.Live && killer.Kills == 0 && run.Progress.ServerDone ? "The deployed Job had done its work already: nothing was in flight." : null,
                toolOutput: run.LastLines,
                remedy: options.Live
                    ? "Start the work anew with --target=Deploy --fresh, or leave out --live: then a pair of its own is killed."
                    : $"Repeat with --seed={options.Seed}; more verify.roundBytes give kills more room."));
        }

        var backOff = killer.Recoveries.Aggregate(TimeSpan.Zero, (sum, recovery) => sum + recovery.BackOff);
        return new Proof(
            new StepOutcome(verdict.Text + (backOff > TimeSpan.Zero ? $" (CrashLoopBackOff apart: {Figures.Seconds(backOff)} in all)" : "")), false, null);
    }

    /// <summary>Zero where nodes may not be read or drained: rights that end at a namespace are enough for everything else.</summary>
    private async Task<int> SchedulableNodesAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await services.Kubectl.TryAsync(access, new KubectlCommand("get", "nodes", "--output", "json"), cancellation);
        if (!result.Succeeded)
            return 0;
        var cordon = new AccessRight("patch", "nodes", InNamespace: false);
        if (!(await services.Kubectl.MayAsync(access, [cordon], cancellation)).GetValueOrDefault(cordon))
            return 0;
        return KubectlCli.Items(result).Count(node => NodeState.Of(node).TakesPods);
    }

    /// <summary>Also after a Ctrl-C and a failure: the pair is nobody else's to remove.</summary>
    private async Task RemoveAsync(ClusterAccess access, Manifests.DeploymentSpec spec)
    {
        using var last = new CancellationTokenSource(RemovalTimeout);
        try
        {
            services.Console.Event($"Removing {Names(spec.Settings)} with their logs");
            await pairs.RemoveAsync(access, spec, last.Token);
        }
        catch (Exception exception) when (exception is BuildException or OperationCanceledException)
        {
            services.Console.Warning($"The proof's own pair remains: {exception.Message}\n  fix:    ./build.sh --target=Immortality removes it before it makes its own");
        }
    }

    /// <param name="Failure">Null where it holds.</param>
    private sealed record Proof(StepOutcome? Outcome, bool EndedEarly, BuildException? Failure)
    {
        public StepOutcome OrThrow() => Outcome ?? throw Failure!;
    }
}
