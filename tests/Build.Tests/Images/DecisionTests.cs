using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class DecisionTests
{
    private static readonly ImageName Name = new("127.0.0.1:5000", "perftest", "0123456789ab");

    private static IEnumerable<TestCaseData> Builds =>
    [
        new("linux/amd64", null, Array.Empty<string>(), new BuildDecision(false, "unchanged (hash 0123456789ab)")),
        new("linux/arm64", null, Array.Empty<string>(), new BuildDecision(true, "it is for linux/arm64, and linux/amd64 is wanted")),
        new(null, "sha256:1", Array.Empty<string>(), new BuildDecision(false, "unchanged (hash 0123456789ab): the registry has it")),
        new(null, null, Array.Empty<string>(), new BuildDecision(true, "not built yet")),
        new(null, null, new[] { "aaaaaaaaaaaa", "bbbbbbbbbbbb" }, new BuildDecision(true, "inputs changed (aaaaaaaaaaaa -> 0123456789ab)")),
        new(null, null, new[] { "0123456789ab" }, new BuildDecision(true, "not built yet")),
    ];

    [TestCaseSource(nameof(Builds))]
    public void An_image_is_built_only_when_it_must(string? local, string? digest, string[] earlier, BuildDecision expected) =>
        Assert.That(BuildDecision.Decide(Name.Tag, "linux/amd64", local, digest, earlier), Is.EqualTo(expected));

    [Test]
    public void An_image_is_pushed_unless_the_registry_is_known_to_have_it()
    {
        Assert.That(
            PushDecision.Decide(Name, new RegistryAnswer.Has("sha256:1")),
            Is.EqualTo(new PushDecision(false, "unchanged (127.0.0.1:5000/perftest:0123456789ab is there as sha256:1)")));
        Assert.That(
            PushDecision.Decide(Name, new RegistryAnswer.HasNot()), Is.EqualTo(new PushDecision(true, "the registry has no perftest:0123456789ab")));
        Assert.That(
            PushDecision.Decide(Name, new RegistryAnswer.CannotTell("it wants a login")),
            Is.EqualTo(new PushDecision(true, "whether the registry has it is not known (it wants a login)")));
    }

    [Test]
    public void Defect_14_a_reference_has_a_tag_or_a_digest_always()
    {
        Assert.That(Name.Reference, Is.EqualTo("127.0.0.1:5000/perftest:0123456789ab"));
        Assert.That(Name.ByDigest("sha256:1"), Is.EqualTo("127.0.0.1:5000/perftest@sha256:1"));
        Assert.That((Name with { Server = null }).Reference, Is.EqualTo("perftest:0123456789ab"));
    }

    [TestCase("ImmortalCoordinator", "runtime")]
    [TestCase("ImmortalCoordinator.dll", "runtime")]
    [TestCase("System.Private.CoreLib.dll", "runtime")]
    [TestCase("libcoreclr.so", "runtime")]
    [TestCase("Job", "app")]
    [TestCase("Job.runtimeconfig.json", "app")]
    [TestCase("PerformanceTest.Common.dll", "app")]
    [TestCase("Image", null)]
    [TestCase("Image.deps.json", null)]
    [TestCase("Job.pdb", null)]
    [TestCase("libmscordbi.so", null)]
    public void What_a_change_of_the_service_changes_is_in_a_layer_of_its_own(string file, string? directory) =>
        Assert.That(ImageLayout.DirectoryOf(file, ["Job", "Server", "PerformanceTest.Common", "Ambrosia", "Image"]), Is.EqualTo(directory));

    [Test]
    public void A_platform_that_no_node_has_is_an_error_with_the_way_out()
    {
        var none = ImagePlatform.Check("linux/amd64", ["linux/arm64", "linux/arm64"]);
        var some = ImagePlatform.Check("linux/amd64", ["linux/arm64", "linux/amd64", "windows/amd64"]);

        Assert.That((none.Severity, none.Remedy), Is.EqualTo((FindingSeverity.Error, "set images.platform to linux/arm64")));
        Assert.That((some.Severity, some.Text), Is.EqualTo((FindingSeverity.Warning, "linux/amd64 fits 1 of 3 nodes; the others are linux/arm64, windows/amd64")));
        Assert.That(ImagePlatform.Check("linux/amd64", ["linux/amd64"]).Severity, Is.EqualTo(FindingSeverity.Good));
        Assert.That(ImagePlatform.Check("linux/amd64", []).Severity, Is.EqualTo(FindingSeverity.Warning));
    }
}
