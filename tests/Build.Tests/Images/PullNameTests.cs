using Ambrosia.Build.Images;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class PullNameTests
{
    private const string Digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestCase("127.0.0.1:5000", "kind-registry:5000", "127.0.0.1:5000/perftest" + Digest, "kind-registry:5000/perftest" + Digest)]
    [TestCase("localhost:5000/team", "registry.example", "localhost:5000/team/perftest:1", "registry.example/team/perftest:1")]
    [TestCase("registry.example", "registry.example/proxy", "registry.example/perftest:1", "registry.example/proxy/perftest:1")]
    public void The_host_has_another_name_for_the_nodes_and_the_rest_stays(string registry, string pullRegistry, string here, string onNodes)
    {
        var settings = Settings(registry, pullRegistry);
        Assert.Multiple(() =>
        {
            Assert.That(PullName.OnNodes(settings, here), Is.EqualTo(onNodes));
            Assert.That(PullName.OnNodes(settings, onNodes), Is.EqualTo(onNodes));
            Assert.That(PullName.OnThisMachine(settings, onNodes), Is.EqualTo(here));
        });
    }

    [TestCase("ambrosia/ambrosia-perftest")]
    [TestCase("127.0.0.1:50001/perftest:1")]
    [TestCase("perftest:1")]
    public void Another_registry_s_image_keeps_its_name(string reference)
    {
        var settings = Settings("127.0.0.1:5000", "kind-registry:5000");
        Assert.That((PullName.OnNodes(settings, reference), PullName.OnThisMachine(settings, reference)), Is.EqualTo((reference, reference)));
    }

    [Test]
    public void Without_the_setting_on_another_platform_and_with_a_public_image_there_is_one_name()
    {
        const string Reference = "127.0.0.1:5000/perftest:1";
        var settings = Settings("127.0.0.1:5000", "kind-registry:5000");
        BuildSettings[] others =
        [
            Settings("127.0.0.1:5000", null), settings with { Platform = PlatformKind.Aks }, settings with { Images = settings.Images with { Public = Reference } },
        ];
        Assert.That(others.Select(other => PullName.OnNodes(other, Reference)), Is.All.EqualTo(Reference));
    }

    private static BuildSettings Settings(string registry, string? pullRegistry) => TestSettings.PerformanceTest with
    {
        Platform = PlatformKind.Kubernetes,
        Kubernetes = TestSettings.PerformanceTest.Kubernetes with { Registry = registry, PullRegistry = pullRegistry },
    };
}
