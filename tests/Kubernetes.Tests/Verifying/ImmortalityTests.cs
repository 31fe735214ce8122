using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Api;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class ImmortalityTests(int minor) : DeploymentFixture(minor)
{
    private const string Elsewhere = "elsewhere";

    internal override EmulatorOptions Options => new() { Nodes = ["node1", "node2"] };

    [Test]
    public async Task A_pair_of_its_own_survives_and_is_removed_and_the_deployed_one_never_notices(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var deployed = Uids();
        var neighbours = PlantNeighbours();
        LongWork();
        Simulate(OwnPair.Of(Settings));

        var outcome = await ProveAsync(new ImmortalityOptions(Kills: 4, Seed: 7, Live: false), cancellation);

        Assert.That(outcome.Summary, Does.StartWith("4 kills survived, Bytes received 2147483648 of 2147483648, 0 out of order, slowest recovery "));
        Assert.That(Screen.Text, Does.Contain("Nodes: 2 take pods, so one is drained too").And.Contain("kill 1/4: SIGKILL to the ").And.Contain("kill 2/4: draining the node of ").And.Contain("kill 4/4: SIGKILL to all processes and deletion of the pod of "));
        Assert.That(Screen.Lines.Count(line => line.Contains("recovered in", StringComparison.Ordinal)), Is.EqualTo(4));
        Assert.That(Uids(), Is.EqualTo(deployed), "pods, claims and Secrets of the deployed pair are the same");
        Assert.That(Cluster.State.List<V1Node>().Select(node => node.Spec?.Unschedulable == true), Has.None.True);
        Assert.That(Cluster.State.List<V1Pod>(Elsewhere).Select(pod => pod.Metadata.Uid), Is.EquivalentTo(neighbours), "a drain ends at the namespace");
    }

    [Test]
    public async Task Volumes_of_a_deployment_of_the_same_name_in_another_namespace_stay(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var pair = OwnPair.Of(Settings);
        PlantVolume("ours", Ns, pair.ServiceName);
        PlantVolume("theirs", Elsewhere, pair.ServiceName);
        var spec = await Pairs().PrepareAsync(pair, cancellation) with { Volumes = new LogVolumes.AzureFileShare("rg", "account", "share", 1, "server.invalid") };

        await Pairs().RemoveAsync(Access, spec, cancellation);

        Assert.That(Cluster.State.List<V1PersistentVolume>().Select(volume => volume.Metadata.Name), Does.Contain("theirs").And.Not.Contain("ours"));
    }

    [Test]
    public async Task Without_rights_to_Secrets_a_pair_that_has_none_is_made_and_removed(CancellationToken cancellation)
    {
        Roles.Registry.PullLoginAsync(Arg.Any<CancellationToken>()).Returns((RegistryLogin?)null);
        Cluster.State.CreateNamespace(Ns);
        var user = Cluster.AddUser("nosecrets");
        Cluster.Access.AllowOnly("nosecrets", new Emulators.Kubernetes.Access.AccessRule("*", "statefulsets.apps,services,persistentvolumeclaims,pods", Ns));
        Act(user);
        var pair = OwnPair.Of(Settings);
        var spec = await Pairs().PrepareAsync(pair, cancellation);

        await Pairs().MakeAsync(Access, Settings, spec, cancellation);
        var made = Cluster.State.List<V1StatefulSet>(Ns).Count;
        await Pairs().RemoveAsync(Access, spec, cancellation);

        Assert.That((made, Cluster.State.List<V1StatefulSet>(Ns).Count, Cluster.State.List<V1Service>(Ns).Count), Is.EqualTo((2, 0, 0)));
    }

    [Test]
    public async Task A_pair_that_could_not_be_made_whole_is_removed(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var deployed = Uids();
        Cluster.Faults.Add(new Fault("PATCH", "/statefulsets/generated-immortalperftestclient", 1) { Status = 403 });

        Assert.That(async () => await ProveAsync(new ImmortalityOptions(Kills: 2, Seed: 7, Live: false), cancellation), Throws.InstanceOf<BuildException>());
        Assert.That(Uids(), Is.EqualTo(deployed));
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Has.Count.EqualTo(2));
    }

    [TestCase(2, true)]
    [TestCase(1, false)]
    public async Task Whoever_is_asked_is_told_that_a_node_is_cordoned(int kills, bool drains, CancellationToken cancellation)
    {
        var asked = new List<string>();
        var confirmation = Substitute.For<IConfirmation>();
        confirmation.RequireAsync(Arg.Do<string>(asked.Add), Arg.Any<CancellationToken>()).Returns(Task.FromException(new OperationCanceledException()));

        foreach (var live in new[] { false, true })
            Assert.That(async () => await ProveAsync(new ImmortalityOptions(kills, Seed: 7, live), cancellation, confirmation), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(asked.Select(question => question.Contains("cordoned", StringComparison.Ordinal)), Is.EqualTo(new[] { drains, drains }));
    }

    [Test]
    public async Task A_node_that_somebody_else_has_cordoned_stays_so(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var node = Cluster.State.Get<V1Pod>(Ns, JobPod)!.Spec.NodeName;
        await Services.Kubectl.CordonAsync(Access, node, cancellation);
        await using (var striker = new Striker(Services, Access, Settings.ServiceName))
        {
            await striker.StrikeAsync(new ClusterKill(1, ClusterKillKind.Drain, OfJob: true, 0), new WatchedInstance(Settings.Instances[1]), node, cancellation);
            await striker.UncordonAsync(cancellation);
        }

        Assert.That(Cluster.State.Get<V1Node>("", node)!.Spec.Unschedulable, Is.True);
    }

    [Test]
    public async Task The_kill_of_a_pod_is_a_crash_and_not_a_clean_stop(CancellationToken cancellation)
    {
        var service = Simulate();
        await DeployReadyAsync(cancellation);
        await UntilAsync(() => service.LivesOf(ServerPod) > 0, cancellation);
        var uid = Cluster.State.Get<V1Pod>(Ns, ServerPod)!.Metadata.Uid;
        await using var striker = new Striker(Services, Access, Settings.ServiceName);

        var killed = await striker.StrikeAsync(
            new ClusterKill(1, ClusterKillKind.Pod, OfJob: false, 0), new WatchedInstance(Settings.Instances[0]), null, cancellation);
        await Cluster.State.WaitForReadyPodAsync(Ns, ServerPod, cancellation);

        Assert.That(killed, Is.True);
        Assert.That(service.StopsOf(ServerPod)[0], Is.False, "nobody told it to stop");
        Assert.That(Cluster.State.Get<V1Pod>(Ns, ServerPod)!.Metadata.Uid, Is.Not.EqualTo(uid));
    }

    [Test]
    public async Task A_deletion_by_force_alone_is_a_clean_stop(CancellationToken cancellation)
    {
        var service = Simulate();
        await DeployReadyAsync(cancellation);
        await UntilAsync(() => service.LivesOf(ServerPod) > 0, cancellation);

        await Services.Kubectl.ForceDeletePodAsync(Access, ServerPod, cancellation);
        await UntilAsync(() => service.StopsOf(ServerPod).Count > 0, cancellation);

        Assert.That(service.StopsOf(ServerPod)[0], Is.True);
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

    [Test]
    public async Task Work_that_is_over_before_its_kills_is_done_once_more_with_larger_rounds(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var deployed = Uids();
        Settings = Settings with
        {
            Verify = Settings.Verify with { Rounds = 1, RoundBytes = 32L << 20 },
            Instances = [Settings.Instances[0], Settings.Instances[1] with { Command = [.. Settings.Instances[1].Command, "--round-bytes", "{roundBytes}"] }],
        };
        Simulate(OwnPair.Of(Settings));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        var proving = ProveAsync(new ImmortalityOptions(Kills: 30, Seed: 7, Live: false), ending.Token);
        await UntilAsync(() => Arguments().Contains($"{12 * (32L << 20)}"), cancellation);
        await ending.CancelAsync();

        Assert.That(async () => await proving, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Screen.Text, Does.Contain("The work was done before all kills were made: once more, with rounds of 384 MiB"));
        Assert.That(Uids(), Is.EqualTo(deployed));

        IEnumerable<string> Arguments() => Cluster.State.List<V1StatefulSet>(Ns).SelectMany(set => set.Spec.Template.Spec.Containers[0].Args);
    }

    private IReadOnlyList<string> Uids() =>
    [
        .. Cluster.State.List<V1Pod>(Ns).Select(item => item.Metadata)
            .Concat(Cluster.State.List<V1PersistentVolumeClaim>(Ns).Select(item => item.Metadata))
            .Concat(Cluster.State.List<V1Secret>(Ns).Select(item => item.Metadata))
            .Concat(Cluster.State.List<V1Service>(Ns).Select(item => item.Metadata))
            .Select(metadata => $"{metadata.Name} {metadata.Uid}").Order(StringComparer.Ordinal),
    ];

    /// <summary>Pods on every node with the labels of the proof's own pair, in another namespace.</summary>
    private List<string> PlantNeighbours()
    {
        Cluster.State.CreateNamespace(Elsewhere);
        return
        [
            .. Options.Nodes.Select(node => Cluster.State.Put(new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = $"neighbour-{node}", NamespaceProperty = Elsewhere, Labels = Labels(OwnPair.ServiceNameOf(Settings)) },
                Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "app", Image = "app:1" }] },
            }).Metadata.Uid),
        ];
    }

    private void PlantVolume(string name, string claimNamespace, string serviceName) => Cluster.State.Put(new V1PersistentVolume
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = Labels(serviceName) },
        Spec = new V1PersistentVolumeSpec
        {
            AccessModes = ["ReadWriteMany"],
            Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") },
            PersistentVolumeReclaimPolicy = "Retain",
            ClaimRef = new V1ObjectReference { ApiVersion = "v1", Kind = "PersistentVolumeClaim", Name = "claim", NamespaceProperty = claimNamespace },
            Csi = new V1CSIPersistentVolumeSource { Driver = "file.csi.azure.com", VolumeHandle = name },
        },
    });

    private static Dictionary<string, string> Labels(string serviceName) => Naming.Labels(serviceName, Naming.InstanceComponent).ToDictionary();

    private void LongWork() => Settings = Settings with { Verify = Settings.Verify with { Rounds = 4, RoundBytes = 512L << 20 } };

    private PairDeployment Pairs() => new(Roles, Eraser(), new Registrar(Services.Runner, Services.Mask, Services.Console), Services);

    private Task<StepOutcome> ProveAsync(ImmortalityOptions options, CancellationToken cancellation, IConfirmation? confirmation = null) =>
        new KubernetesImmortality(SettingsProvider, Roles.Access, Rollout(), Pairs(), confirmation ?? Substitute.For<IConfirmation>(), Services, Report)
            .ProveAsync(options, cancellation);
}
