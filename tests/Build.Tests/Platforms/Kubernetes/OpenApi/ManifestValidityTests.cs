using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Tests.Settings;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

public sealed partial class ManifestValidityTests
{
    /// <summary>kubectl goes with servers of one minor version more or less: https://kubernetes.io/releases/version-skew-policy/#kubectl.</summary>
    private const int Skew = 1;

    /// <summary>The newest kubectl that the tests run: tests/tools/install-kubectl.sh.</summary>
    private const int NewestKubectl = 35;

    private static readonly IReadOnlyList<OpenApiRelease> Releases = OpenApiRelease.All;

    private static readonly IEnumerable<OpenApiRelease> Supported = Releases.Where(release => release.Minor >= ClusterChecks.MinimumMinor - Skew);

    [Test]
    public void The_oldest_and_the_newest_supported_server_are_among_the_releases() => Assert.That(
        Supported.Select(release => release.Minor), Has.Member(ClusterChecks.MinimumMinor - Skew).And.Member(NewestKubectl + Skew));

    /// <summary>That the files tell releases apart: StatefulSets have had this field since 1.23.</summary>
    [Test]
    public void A_field_is_unknown_to_the_releases_before_it()
    {
        var item = (JsonObject)EveryManifest.All.First(item => item.Object.Kind == "StatefulSet").Object.Content.DeepClone();
        item["spec"]!["persistentVolumeClaimRetentionPolicy"] = new JsonObject { ["whenDeleted"] = "Retain" };

        foreach (var release in Releases)
        {
            string[] problems = release.Minor < 23 ? ["spec.persistentVolumeClaimRetentionPolicy: no such field"] : [];
            Assert.That(release.Check(item).Problems, Is.EqualTo(problems), release.Name);
        }
    }

    /// <summary>That the files tell what is deprecated: of a field's own description (serviceAccount) and of its definition's (gitRepo).</summary>
    [TestCaseSource(nameof(Releases))]
    public void A_deprecated_field_is_refused(OpenApiRelease release)
    {
        var item = (JsonObject)EveryManifest.All.First(item => item.Object.Kind == "Pod").Object.Content.DeepClone();
        item["spec"]!["serviceAccount"] = "default";
        item["spec"]!["volumes"]![0]!["gitRepo"] = new JsonObject { ["repository"] = "a" };

        Assert.That(release.Check(item).Problems, Is.EquivalentTo(new[] { "spec.serviceAccount: deprecated", "spec.volumes[0].gitRepo: deprecated" }));
    }

    [TestCaseSource(nameof(Releases))]
    public void Every_manifest_is_as_the_published_document_says(OpenApiRelease release) => Assert.That(
        EveryManifest.All.SelectMany(item => release.Check(item.Object.Content).Problems.Select(problem => $"{item.Where}: {problem}")), Is.Empty);

    [TestCaseSource(nameof(Releases))]
    public void Every_golden_file_is_as_the_published_document_says(OpenApiRelease release)
    {
        string[] names = ["claims", "share", "original"];
        var objects = names.SelectMany(name => JsonNode.Parse(CheckoutFile.Read($"tests/Build.Tests/Platforms/Kubernetes/Golden/{name}.json"))!.AsArray()).ToList();

        Assert.That(objects, Has.Count.GreaterThan(20));
        Assert.That(objects.SelectMany(item => release.Check(item!.AsObject()).Problems), Is.Empty);
    }

    [TestCaseSource(nameof(Releases))]
    public async Task The_options_of_a_deletion_are_as_the_published_document_says(OpenApiRelease release)
    {
        var runner = Substitute.For<IProcessRunner>();
        runner.RunAsync(default!, default).ReturnsForAnyArgs(new ProcessResult(0, "", "", TimeSpan.Zero));

        await new KubectlCli(runner, new SecretMask()).DeletePodAsync(new ClusterAccess("/k", "kind-kind", "ambrosia"), "a-0", "uid", default);

        var request = (ProcessRequest)runner.ReceivedCalls().Single().GetArguments()[0]!;
        Assert.That(release.Check(JsonNode.Parse(request.StandardInput!)!.AsObject()).Problems, Is.Empty);
    }

    [Test]
    public void Every_manifest_obeys_the_rules_that_no_document_says() => Assert.That(
        EveryManifest.All.SelectMany(item => ServerRules.Problems(item.Object).Select(problem => $"{item.Where}: {problem}")), Is.Empty);

    [Test]
    public void Every_kind_that_is_sent_is_tried() => Assert.That(
        EveryManifest.All.Select(item => item.Object.Kind).Distinct(),
        Is.EquivalentTo(new[] { "Namespace", "Secret", "PersistentVolume", "PersistentVolumeClaim", "Service", "StatefulSet", "Pod" }));

    [Test]
    public void No_API_is_deprecated_or_not_final()
    {
        foreach (var kind in EveryManifest.All.Select(item => $"{(string?)item.Object.Content["apiVersion"]} {item.Object.Kind}").Distinct())
        {
            Assert.That(kind, Does.Match("^([a-z.]+/)?v[0-9]+ "));
            Assert.That(Supported.Select(release => (release.Serves(kind), release.IsDeprecated(kind))), Is.All.EqualTo((true, false)), kind);
        }
    }

    /// <summary>Their documentation is that of the published document, with the descriptions that the newest release's file lacks.</summary>
    [Test]
    public void No_field_is_deprecated_in_the_official_models()
    {
        var deprecated = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "KubernetesClient.xml")).Descendants("member")
            .Where(member => Deprecated().IsMatch(member.Value))
            .Select(member => ((string)member.Attribute("name")!).Split('.'))
            .Where(name => name is ["P:k8s", "Models", _, _])
            .Select(name => (Definition: name[2], Field: name[3]))
            .ToHashSet();
        var used = EveryManifest.All.SelectMany(item => Releases[^1].Check(item.Object.Content).Fields)
            .Select(field => (field.Definition, char.ToUpperInvariant(field.Field[0]) + field.Field[1..]))
            .ToHashSet();

        Assert.That(deprecated, Has.Member(("V1PersistentVolumeSpec", "AzureFile")).And.Member(("V1PodSpec", "ServiceAccount")));
        Assert.That(used, Has.Member(("V1PersistentVolumeSpec", "Csi")).And.Member(("V1PodSpec", "SecurityContext")));
        Assert.That(used.Intersect(deprecated), Is.Empty);
    }

    /// <summary>As tests/tools/openapi-shapes.mjs: "(deprecated)" is said of one value.</summary>
    [GeneratedRegex(@"(?<![(])\bdeprecated\b", RegexOptions.IgnoreCase)]
    private static partial Regex Deprecated();
}
