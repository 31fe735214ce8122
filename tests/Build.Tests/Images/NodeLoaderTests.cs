using Ambrosia.Build.Images;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class NodeLoaderTests
{
    [TestCase("kind-demo", NodeLoaderKind.Kind, "demo")]
    [TestCase("k3d-demo", NodeLoaderKind.K3d, "demo")]
    [TestCase("minikube", NodeLoaderKind.Minikube, "minikube")]
    [TestCase("minikube-two", NodeLoaderKind.Minikube, "minikube-two")]
    [TestCase("k3s", NodeLoaderKind.K3s, "k3s")]
    [TestCase("docker-desktop", NodeLoaderKind.SharedEngine, "docker-desktop")]
    [TestCase("rancher-desktop", NodeLoaderKind.SharedEngine, "rancher-desktop")]
    public void The_name_of_a_context_tells_how_images_come_to_its_nodes(string context, NodeLoaderKind kind, string cluster) =>
        Assert.That(NodeLoader.Of(context), Is.EqualTo(new NodeLoader(kind, cluster)));

    /// <summary>Stock k3s calls its context so.</summary>
    [TestCase("default", "k3s", NodeLoaderKind.K3s, "default")]
    [TestCase("production", "none", NodeLoaderKind.None, "production")]
    [TestCase("demo", "kind", NodeLoaderKind.Kind, "demo")]
    [TestCase("k3d-demo", "k3d", NodeLoaderKind.K3d, "demo")]
    [TestCase("kind-demo", "minikube", NodeLoaderKind.Minikube, "kind-demo")]
    [TestCase("kind-demo", null, NodeLoaderKind.Kind, "demo")]
    public void The_setting_goes_before_the_name(string context, string? setting, NodeLoaderKind kind, string cluster) =>
        Assert.That(NodeLoader.Of(context, setting), Is.EqualTo(new NodeLoader(kind, cluster)));

    [TestCase("production")]
    [TestCase("my-kind-cluster")]
    [TestCase("")]
    public void Other_names_tell_nothing(string context) => Assert.That(NodeLoader.Of(context), Is.Null);

    [TestCase("kind-demo", "kind load docker-image perftest:1 --name demo")]
    [TestCase("k3d-demo", "k3d image import perftest:1 --cluster demo")]
    [TestCase("minikube", "minikube image load /state/perftest.tar --profile minikube")]
    [TestCase("k3s", "k3s ctr images import /state/perftest.tar")]
    public void Each_tool_is_told_in_its_own_words(string context, string expected)
    {
        var command = NodeLoader.Of(context)!.Command("perftest:1", "/state/perftest.tar")!;

        Assert.That(string.Join(' ', command), Is.EqualTo(expected));
    }

    [Test]
    public void Where_there_is_a_registry_or_a_public_image_nothing_is_loaded()
    {
        var settings = TestSettings.PerformanceTest with { Kubernetes = TestSettings.PerformanceTest.Kubernetes with { Context = "kind-demo" } };
        Assert.Multiple(() =>
        {
            Assert.That(NodeLoader.Of(settings), Is.EqualTo(new NodeLoader(NodeLoaderKind.Kind, "demo")));
            Assert.That(NodeLoader.Of(settings with { Kubernetes = settings.Kubernetes with { Registry = "registry.invalid" } }), Is.Null);
            Assert.That(NodeLoader.Of(settings with { Images = settings.Images with { Public = "ambrosia/ambrosia-perftest" } }), Is.Null);
        });
    }
}
