using Ambrosia.Emulators.Kubernetes;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class NodeTests(int minor) : ContractFixture(minor)
{
    protected override EmulatorOptions Options => new() { Nodes = ["node1", "node2"] };

    [Test]
    public async Task A_node_is_drained_and_its_pod_comes_up_on_another_one()
    {
        await DeployAsync();
        var before = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!;
        var drained = await Kubectl.RunAsync("drain", before.Spec.NodeName, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s");
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        var after = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!;
        var uncordoned = await Kubectl.RunAsync("uncordon", before.Spec.NodeName);
        Assert.Multiple(() =>
        {
            Assert.That(drained.ExitCode, Is.Zero, drained.Error);
            Assert.That(drained.Output, Is.EqualTo($"node/{before.Spec.NodeName} cordoned\nevicting pod ambrosia/web-0\npod/web-0 evicted\nnode/{before.Spec.NodeName} drained\n"));
            Assert.That(after.Spec.NodeName, Is.Not.EqualTo(before.Spec.NodeName));
            Assert.That(uncordoned.Output, Is.EqualTo($"node/{before.Spec.NodeName} uncordoned\n"));
        });
    }

    [Test]
    public async Task Without_a_node_that_takes_pods_a_pod_waits()
    {
        foreach (var node in new[] { "node1", "node2" })
            (await Kubectl.RunAsync("cordon", node)).Check();
        var again = await Kubectl.RunAsync("cordon", "node1");
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>("ambrosia", "web-0")?.Status.Conditions?.Any(condition => condition.Reason == "Unschedulable") == true);
        var nodes = (await Kubectl.RunAsync("get", "nodes", "-o", "json")).Json()["items"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(again.Output, Is.EqualTo("node/node1 already cordoned\n"));
            Assert.That(nodes["status"]!["nodeInfo"]!["architecture"]!.ToString(), Is.EqualTo("amd64"));
            Assert.That(nodes["metadata"]!["labels"]!["kubernetes.io/arch"]!.ToString(), Is.EqualTo("amd64"));
            Assert.That(
                Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Status.Conditions.Single().Message,
                Does.StartWith("0/2 nodes are available: 2 node(s) were unschedulable."));
        });
    }

    [Test]
    public async Task A_pod_on_a_node_that_does_not_answer_ends_only_by_force()
    {
        await DeployAsync();
        var node = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Spec.NodeName;
        Cluster.State.SetNodeReady(node, false);
        await Cluster.State.WaitForAsync(state => state.Get<V1StatefulSet>("ambrosia", "web")!.Status.ReadyReplicas is null);
        var gentle = await Kubectl.RunAsync("delete", "pod", "web-0", "--timeout=1s");
        (await Kubectl.RunAsync("delete", "pod", "web-0", "--grace-period=0", "--force")).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        Assert.Multiple(() =>
        {
            Assert.That(gentle.ExitCode, Is.EqualTo(1));
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Spec.NodeName, Is.Not.EqualTo(node));
        });
    }

    [Test]
    public async Task Annotations_are_written_and_leave_the_generation()
    {
        await DeployAsync();
        var result = await Kubectl.RunAsync("annotate", "statefulset", "web", "example.com/note=x", "--overwrite");
        var set = Cluster.State.Get<V1StatefulSet>("ambrosia", "web")!;
        Assert.Multiple(() =>
        {
            Assert.That(result.Output, Is.EqualTo("statefulset.apps/web annotated\n"));
            Assert.That(set.Metadata.Annotations["example.com/note"], Is.EqualTo("x"));
            Assert.That(set.Metadata.Generation, Is.EqualTo(1));
            Assert.That(set.Metadata.ManagedFields.Select(entry => entry.Manager), Is.EquivalentTo(new[] { "ambrosia", "kubectl-annotate" }));
        });
    }
}
