using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Cleaning;

public sealed class CleanSelectionTests
{
    private const string Ns = "ambrosia";

    private static readonly KubeObject[] Deployment =
    [
        Item("StatefulSet", "generated-a"),
        Item("Pod", "generated-a-0"),
        Item("Service", "generated-a"),
        Item("Secret", "pull"),
        Item("PersistentVolumeClaim", "generated-a-logs", """{"storageClassName":"standard","volumeName":"pvc-1"}"""),
        Item("PersistentVolumeClaim", "generated-b-logs", """{"storageClassName":"","volumeName":"ambrosia-perftest-generated-b-logs"}""", instance: "b"),
        Item("PersistentVolume", "ambrosia-perftest-generated-b-logs", """{"claimRef":{"namespace":"ambrosia"}}""", space: null),
        Item("PersistentVolume", "other-perftest-generated-b-logs", """{"claimRef":{"namespace":"other"}}""", space: null),
    ];

    [Test]
    public void Auth_is_Secrets_alone() => Assert.That(Ids(CleanScope.Auth), Is.EqualTo(new[] { "secret/pull" }));

    [Test]
    public void Logs_is_the_workload_and_its_disks_and_folders_on_a_share_are_emptied()
    {
        var selection = CleanSelection.Of(CleanScope.Logs, Deployment, Ns);

        Assert.That(selection.All.Select(item => item.Id), Is.EqualTo(new[] { "statefulset/generated-a", "pod/generated-a-0", "persistentvolumeclaim/generated-a-logs" }));
        Assert.That(selection.Shares, Is.EqualTo(new[] { new LogFolder("perftest", "b") }));
    }

    [Test]
    public void A_share_that_is_emptied_as_a_whole_is_no_matter_of_the_cluster() =>
        Assert.That(CleanSelection.Of(CleanScope.Logs, Deployment, Ns, keepsShares: true).Shares, Is.Empty);

    [TestCase(CleanScope.Most)]
    [TestCase(CleanScope.All)]
    public void Most_and_all_are_everything_but_another_namespaces_volume(CleanScope scope) => Assert.That(
        Ids(scope), Is.EquivalentTo(Deployment[..^1].Select(item => item.Id)).And.Not.Contains("persistentvolume/other-perftest-generated-b-logs"));

    [Test]
    public void What_Kubernetes_puts_into_each_namespace_is_nobodys()
    {
        KubeObject[] standard = [Item("ConfigMap", "kube-root-ca.crt", label: null), Item("ServiceAccount", "default", label: null), Item("Event", "e", label: null)];

        Assert.That(ForeignObjects.In([.. Deployment, .. standard], label => label == "perftest"), Is.Empty);
        Assert.That(
            ForeignObjects.In([.. standard, Item("ConfigMap", "mine", label: null), Item("Service", "s", label: "other")], label => label == "perftest").Select(item => item.Id),
            Is.EqualTo(new[] { "configmap/mine", "service/s" }));
    }

    [Test]
    public void What_something_elsewhere_owns_is_somebodys()
    {
        var (inside, outside, owner) = (Item("ConfigMap", "in", label: null), Item("ConfigMap", "out", label: null), Item("Service", "s"));
        owner.Content["metadata"]!["uid"] = "1";
        inside.Content["metadata"]!["ownerReferences"] = JsonNode.Parse("""[{"uid":"1"}]""");
        outside.Content["metadata"]!["ownerReferences"] = JsonNode.Parse("""[{"uid":"2"}]""");

        Assert.That(ForeignObjects.In([inside, outside, owner], label => label == "perftest"), Is.EqualTo(new[] { outside }));
    }

    [Test]
    public void What_something_of_ours_owned_that_is_deleted_is_nobodys()
    {
        var (left, another) = (Item("ControllerRevision", "generated-a-1", label: null), Item("CiliumEndpoint", "x", label: null));
        left.Content["metadata"]!["ownerReferences"] = JsonNode.Parse("""[{"uid":"1"}]""");
        another.Content["metadata"]!["ownerReferences"] = JsonNode.Parse("""[{"uid":"2"}]""");

        Assert.That(ForeignObjects.In([left, another], label => label == "perftest", new HashSet<string> { "1" }), Is.EqualTo(new[] { another }));
    }

    private static IEnumerable<string> Ids(CleanScope scope) => CleanSelection.Of(scope, Deployment, Ns).All.Select(item => item.Id);

    private static KubeObject Item(string kind, string name, string spec = "{}", string? instance = "a", string? space = Ns, string? label = "perftest")
    {
        var metadata = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["ambrosia-deployment"] = label, ["ambrosia-instance"] = instance } };
        if (space is not null)
            metadata["namespace"] = space;
        return new KubeObject(new JsonObject { ["kind"] = kind, ["metadata"] = metadata, ["spec"] = JsonNode.Parse(spec) });
    }
}
