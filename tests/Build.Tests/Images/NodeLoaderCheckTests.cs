using System.Text.Json.Nodes;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class NodeLoaderCheckTests
{
    private const string Amd64 = "linux/amd64";

    [TestCase("docker-desktop", "docker://27.4.0")]
    [TestCase("colima", "docker://27.4.0")]
    [TestCase("kind-demo", "containerd://1.7.24")]
    [TestCase("minikube", "docker://27.4.1")]
    [TestCase("k3s", "containerd://1.7.23-k3s2")]
    public void Where_the_way_leads_to_the_node_nothing_is_said(string context, string runtime) =>
        Assert.That(NodeLoaderCheck.Judge(NodeLoader.Of(context)!, Amd64, [Node("one", runtime)]), Is.Empty);

    [Test]
    public void An_engine_of_the_name_that_the_nodes_do_not_run_is_no_way_to_them()
    {
        var finding = NodeLoaderCheck.Judge(NodeLoader.Of("docker-desktop")!, Amd64, [Node("desktop-control-plane", "containerd://2.0.2")]).Single();

        Assert.That(finding.Severity, Is.EqualTo(FindingSeverity.Error));
        Assert.That(finding.ToString(), Is.EqualTo(
            "way of images to the nodes: node desktop-control-plane of docker-desktop runs containerd://2.0.2, and not the Docker engine that builds the image: "
            + "its pods end in ErrImageNeverPull\n"
            + "    fix: set kubernetes.registry; or let the cluster use the Docker engine (Docker Desktop: cluster type kubeadm; Rancher Desktop: dockerd; "
            + "colima: --runtime docker); or bring the image there yourself and set kubernetes.imageLoader to none"));
    }

    [Test]
    public void A_runtime_that_is_not_told_is_not_held_against_the_name() =>
        Assert.That(NodeLoaderCheck.Judge(NodeLoader.Of("docker-desktop")!, Amd64, [Node("one", "")]), Is.Empty);

    [Test]
    public void With_k3s_every_other_node_that_takes_pods_is_without_the_image()
    {
        var nodes = new[] { Node("one"), Node("two") };

        var finding = NodeLoaderCheck.Judge(NodeLoader.Of("k3s")!, Amd64, nodes).Single();

        Assert.That((finding.Severity, finding.Text), Is.EqualTo(
            (FindingSeverity.Error, "k3s loads the image into this machine's node alone, and pods may run on 2 (one, two)")));
        Assert.That(finding.Remedy, Does.Contain("kubernetes.registry").And.Contain("cordon"));
    }

    [TestCase("""{"spec":{"unschedulable":true}}""")]
    [TestCase("""{"spec":{"taints":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]}}""")]
    [TestCase("""{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""")]
    [TestCase("""{"status":{"nodeInfo":{"architecture":"arm64","operatingSystem":"linux"}}}""")]
    public void With_k3s_nodes_that_take_no_pod_of_ours_do_not_count(string difference) => Assert.That(
        NodeLoaderCheck.Judge(NodeLoader.Of("k3s")!, Amd64, [Node("one"), Node("two", difference: difference)]), Is.Empty);

    /// <summary>A taint that only says what is preferred keeps nothing off.</summary>
    [Test]
    public void A_preference_keeps_no_pod_off() => Assert.That(
        NodeLoaderCheck.Judge(
            NodeLoader.Of("k3s")!, Amd64, [Node("one"), Node("two", difference: """{"spec":{"taints":[{"key":"a","effect":"PreferNoSchedule"}]}}""")]),
        Has.Count.EqualTo(1));

    private static NodeState Node(string name, string runtime = "containerd://1.7.23-k3s2", string difference = "{}")
    {
        var node = JsonNode.Parse(
            $$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{},
             "status":{"nodeInfo":{"operatingSystem":"linux","architecture":"amd64","containerRuntimeVersion":"{{{runtime}}}"},
                       "conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}]}}
            """)!.AsObject();
        foreach (var (part, fields) in JsonNode.Parse(difference)!.AsObject())
        {
            foreach (var (field, value) in fields!.AsObject())
                node[part]![field] = value?.DeepClone();
        }

        return NodeState.Of(node);
    }
}
