using System.Text.Json.Nodes;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class ClusterChecksTests
{
    private static readonly ClusterAccess Access = new("/home/me/.kube/config", "kind-kind", "ambrosia");

    [TestCase("v1.30.9", "v1.31.0", FindingSeverity.Error, FindingSeverity.Good)]
    [TestCase("v1.31.0", "v1.32.1+k3s1", FindingSeverity.Good, FindingSeverity.Good)]
    [TestCase("v1.35.2", "v1.36.0", FindingSeverity.Good, FindingSeverity.Good)]
    [TestCase("v1.35.2", "v1.33.5", FindingSeverity.Good, FindingSeverity.Warning)]
    public void Versions_are_held_against_what_is_supported(string client, string server, FindingSeverity ofClient, FindingSeverity ofServer) => Assert.That(
        ClusterChecks.Versions(Access, new KubectlVersions(client, server, null, "")).Select(finding => finding.Severity),
        Is.EqualTo(new[] { ofClient, ofServer }));

    [Test]
    public void A_server_that_does_not_answer_is_an_error_with_its_words()
    {
        const string Words = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?";
        var finding = ClusterChecks.Versions(Access, new KubectlVersions("v1.35.2", null, KubectlFailure.Of(Words), Words)).Last();
        Assert.That((finding.Severity, finding.Text), Is.EqualTo((FindingSeverity.Error, $"does not answer: {Words}")));
    }

    [TestCase("fast", FindingSeverity.Good, "fast")]
    [TestCase("nope", FindingSeverity.Error, "there is no nope; the cluster has: standard, fast")]
    [TestCase(null, FindingSeverity.Good, "standard (the default)")]
    public void A_storage_class_has_to_be_there(string? wanted, FindingSeverity severity, string text)
    {
        var finding = ClusterChecks.StorageClass([Class("standard", isDefault: true), Class("fast", isDefault: false)], wanted);
        Assert.That((finding.Severity, finding.Text), Is.EqualTo((severity, text)));
    }

    [Test]
    public void Without_a_default_class_one_has_to_be_named() =>
        Assert.That(ClusterChecks.StorageClass([Class("fast", isDefault: false)], null).Remedy, Does.Contain("kubernetes.storageClass"));

    [TestCase("linux/amd64", FindingSeverity.Good)]
    [TestCase("linux/arm64", FindingSeverity.Error)]
    public void An_image_has_to_be_made_for_the_nodes(string platform, FindingSeverity severity)
    {
        var node = JsonNode.Parse("""{"status":{"nodeInfo":{"operatingSystem":"linux","architecture":"amd64"}}}""")!.AsObject();
        Assert.That(ClusterChecks.Nodes([NodeState.Of(node)], platform).Severity, Is.EqualTo(severity));
    }

    /// <summary>Without Secrets of its own a deployment asks for no right to them.</summary>
    [Test]
    public void The_rights_that_are_needed_are_those_of_what_is_made()
    {
        var plain = Resources(Settings("registry.invalid"));
        var withLogin = Settings("registry.invalid");
        withLogin = withLogin with { Kubernetes = withLogin.Kubernetes with { RegistryUser = "me" } };
        Assert.Multiple(() =>
        {
            Assert.That(plain, Is.EquivalentTo(new[] { "statefulsets.apps", "services", "persistentvolumeclaims", "pods", "pods/exec", "pods/log" }));
            Assert.That(Resources(withLogin).Except(plain), Is.EqualTo(new[] { "secrets" }));
            Assert.That(Resources(Settings("registry.invalid") with { Runtime = RuntimeKind.Ambrosia }), Has.Member("secrets"));
        });

        static string[] Resources(BuildSettings settings) =>
            [.. ClusterChecks.Needed(settings).Select(right => right.Resource).Distinct()];
    }

    [TestCase("127.0.0.1:5000")]
    [TestCase("localhost:5001/team")]
    public void A_registry_of_this_machine_is_warned_of_with_both_ways_out(string registry)
    {
        var finding = ClusterChecks.Registry(Settings(registry)).Single();

        Assert.That(finding.Severity, Is.EqualTo(FindingSeverity.Warning));
        Assert.That(finding.ToString(), Is.EqualTo(
            $"registry {registry}: on a node, this is the node itself: it can pull only where it has a mirror for that name\n"
            + "    fix: give the nodes one (kind: https://kind.sigs.k8s.io/docs/user/local-registry/, k3s: https://docs.k3s.io/installation/private-registry), "
            + "or set kubernetes.pullRegistry to the registry's name as the nodes see it"));
    }

    [Test]
    public void A_registry_with_a_name_for_the_nodes_is_not_warned_of() => Assert.Multiple(() =>
    {
        Assert.That(ClusterChecks.Registry(Settings("registry.invalid")), Is.Empty);
        Assert.That(ClusterChecks.Registry(Settings("127.0.0.1:5000", pullRegistry: "kind-registry:5000")), Is.Empty);
        Assert.That(ClusterChecks.Registry(Settings(null)), Is.Empty);
    });

    private static BuildSettings Settings(string? registry, string? pullRegistry = null) => TestSettings.PerformanceTest with
    {
        Platform = PlatformKind.Kubernetes,
        Kubernetes = TestSettings.PerformanceTest.Kubernetes with { Registry = registry, PullRegistry = pullRegistry },
    };

    private static JsonObject Class(string name, bool isDefault) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["annotations"] = isDefault ? new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = "true" } : null,
        },
    };
}
