using Ambrosia.Build.Platforms.Kubernetes.Viewing;
using Ambrosia.Emulators.Kubernetes.Pods;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class StatusTests(int minor) : DeploymentFixture(minor)
{
    [Test]
    public async Task Instances_pods_coordinators_and_progress_are_shown(CancellationToken cancellation)
    {
        var service = Simulate();
        await DeployReadyAsync(cancellation);
        await UntilAsync(() => service.Received >= 192L << 20, cancellation);

        await StatusAsync(cancellation);

        Assert.That(Screen.Lines.First(), Is.EqualTo("Status: perftest in namespace ambrosia, context emulator"));
        Assert.That(Screen.Lines.ElementAt(1).Split(' ', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "INSTANCE", "POD", "PHASE", "READY", "RESTARTS", "NODE", "IMAGE", "COORDINATOR" }));
        Assert.That(Screen.Lines.ElementAt(2), Does.StartWith($"  {Server}  {ServerPod}  Running  yes    0         node1  "));
        Assert.That(Screen.Lines.ElementAt(2), Does.EndWith("primary, epoch 1, 2 checkpoints, 3 unacknowledged"));
        Assert.That(Screen.Text, Does.Contain("progress: 192 MiB of 192 MiB received (100 %)"));
    }

    [Test]
    public async Task A_pod_that_does_not_run_is_explained_and_nobody_asks_its_coordinator(CancellationToken cancellation)
    {
        Simulate();
        Cluster.Scenario.Set(Ns, "generated-perftestclient", new PodBehaviour.Unschedulable("0/1 nodes are available: 1 Insufficient memory."));
        await DeployAsync(cancellation);
        await Cluster.State.WaitForReadyPodAsync(Ns, ServerPod, cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<k8s.Models.V1Pod>(Ns, JobPod) is not null, cancellation: cancellation);

        await StatusAsync(cancellation);

        Assert.That(Screen.Text, Does.Contain($"{JobPod}  Pending  no"));
        Assert.That(Screen.Text, Does.Contain("1 Insufficient memory.").And.Contain("fix:   add a node or larger ones"));
    }

    [Test]
    public async Task Nothing_deployed_is_no_failure(CancellationToken cancellation)
    {
        Cluster.State.CreateNamespace(Ns);

        await StatusAsync(cancellation);

        Assert.That(Screen.Text, Is.EqualTo("Status: nothing is deployed in namespace ambrosia. ./build.sh --target=Deploy deploys it\n"));
    }

    private Task StatusAsync(CancellationToken cancellation) => new KubernetesStatus(SettingsProvider, Roles.Access, Services).ShowAsync(cancellation);
}
