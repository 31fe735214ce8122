using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Emulators.Kubernetes;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class ImmortalityTests(int minor) : DeploymentFixture(minor)
{
    internal override EmulatorOptions Options => new() { Nodes = ["node1", "node2"] };

    [Test]
    public async Task A_pair_of_its_own_survives_and_is_removed_and_the_deployed_one_never_notices(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var deployed = Uids();
        LongWork();
        Simulate(OwnPair.Of(Settings));

        var outcome = await ProveAsync(new ImmortalityOptions(Kills: 4, Seed: 7, Live: false), cancellation);

        Assert.That(outcome.Summary, Does.StartWith("4 kills survived, Bytes received 2147483648 of 2147483648, 0 out of order, slowest recovery "));
        Assert.That(Screen.Text, Does.Contain("Nodes: 2 take pods, so one is drained too").And.Contain("kill 1/4: SIGKILL to the ").And.Contain("kill 2/4: draining the node of ").And.Contain("kill 4/4: deleting without grace the pod of "));
        Assert.That(Screen.Lines.Count(line => line.Contains("recovered in", StringComparison.Ordinal)), Is.EqualTo(4));
        Assert.That(Uids(), Is.EqualTo(deployed), "pods, claims and Secrets of the deployed pair are the same");
        Assert.That(Cluster.State.List<V1Node>().Select(node => node.Spec?.Unschedulable == true), Has.None.True);
    }

    [Test]
    public async Task Live_kills_the_deployed_instances(CancellationToken cancellation)
    {
        LongWork();
        var service = Simulate();
        await DeployReadyAsync(cancellation);

        var outcome = await ProveAsync(new ImmortalityOptions(Kills: 2, Seed: 3, Live: true), cancellation);

        Assert.That(outcome.Summary, Does.StartWith("2 kills survived, "));
        Assert.That(service.LivesOf(ServerPod) + service.LivesOf(JobPod), Is.GreaterThanOrEqualTo(4), "a drained node may have held both");
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Has.Count.EqualTo(2), "they stay");
    }

    [Test]
    public async Task Live_work_that_is_done_is_no_proof(CancellationToken cancellation)
    {
        var service = Simulate();
        await DeployReadyAsync(cancellation);
        await UntilAsync(() => service.Received >= 192L << 20, cancellation);
        await Task.Delay(500, cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => ProveAsync(new ImmortalityOptions(2, 3, Live: true), cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.ImmortalityFailed));
        Assert.That(failure.Remedy, Does.Contain("--fresh"));
    }

    [Test]
    public async Task A_cancelled_proof_uncordons_its_node_and_removes_its_pair(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var deployed = Uids();
        LongWork();
        Simulate(OwnPair.Of(Settings));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var proving = ProveAsync(new ImmortalityOptions(Kills: 2, Seed: 7, Live: false), ending.Token);
        await UntilAsync(() => Cluster.State.List<V1Node>().Any(node => node.Spec?.Unschedulable == true), cancellation);
        await ending.CancelAsync();

        Assert.That(async () => await proving, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Cluster.State.List<V1Node>().Select(node => node.Spec?.Unschedulable == true), Has.None.True);
        Assert.That(Uids(), Is.EqualTo(deployed));
    }

    private IReadOnlyList<string> Uids() =>
    [
        .. Cluster.State.List<V1Pod>(Ns).Select(item => item.Metadata)
            .Concat(Cluster.State.List<V1PersistentVolumeClaim>(Ns).Select(item => item.Metadata))
            .Concat(Cluster.State.List<V1Secret>(Ns).Select(item => item.Metadata))
            .Concat(Cluster.State.List<V1Service>(Ns).Select(item => item.Metadata))
            .Select(metadata => $"{metadata.Name} {metadata.Uid}").Order(StringComparer.Ordinal),
    ];

    private void LongWork() => Settings = Settings with { Verify = Settings.Verify with { Rounds = 4, RoundBytes = 512L << 20 } };

    private Task<StepOutcome> ProveAsync(ImmortalityOptions options, CancellationToken cancellation)
    {
        var registrar = new Registrar(Services.Runner, Services.Console);
        var pairs = new PairDeployment(Roles, Eraser(), registrar, Services);
        return new KubernetesImmortality(SettingsProvider, Roles.Access, Rollout(), pairs, Substitute.For<IConfirmation>(), Services, Report)
            .ProveAsync(options, cancellation);
    }
}
