using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class ReadTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task The_server_tells_its_version_and_that_it_is_ready()
    {
        var version = (await Kubectl.RunAsync("version", "-o", "json")).Json();
        var ready = await Kubectl.RunAsync("get", "--raw", "/readyz");
        Assert.Multiple(() =>
        {
            Assert.That(version["serverVersion"]!["gitVersion"]!.ToString(), Is.EqualTo("v1.33.5"));
            Assert.That(ready.Output, Is.EqualTo("ok"));
        });
    }

    /// <summary>
    /// Every command of the suite runs against this server, and so names no other kinds: each is in the documents of the oldest supported release
    /// and of all newer ones, and none is deprecated there. kubectl finds the last by itself, as part of a drain.
    /// </summary>
    [Test]
    public async Task Every_kind_is_one_that_each_supported_release_serves_and_none_deprecates()
    {
        var list = (await Kubectl.RunAsync("api-resources", "--no-headers")).Check();
        var kinds = list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => $"{words[^3]} {words[^1]}")
            .Append("policy/v1 Eviction")
            .ToList();
        var supported = OpenApiRelease.All.Where(release => release.Minor >= ClusterChecks.MinimumMinor - 1).ToList();

        Assert.That(kinds, Has.Member("apps/v1 StatefulSet").And.Member("authorization.k8s.io/v1 SelfSubjectAccessReview"));
        Assert.That(supported, Has.Count.GreaterThan(1));
        Assert.That(
            from release in supported from kind in kinds where !release.Serves(kind) || release.IsDeprecated(kind) select $"{release}: {kind}", Is.Empty);
    }

    [Test]
    public async Task Several_kinds_are_read_in_one_command_by_label()
    {
        (await ApplyAsync(Manifests.List(Manifests.Secret(), Manifests.Service(), Manifests.StatefulSet()))).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        Cluster.Requests.Clear();
        string[] get = ["get", "statefulsets,services,secrets,pods,persistentvolumeclaims", "-l", "app.kubernetes.io/part-of=ambrosia", "-o", "json"];
        var items = (JsonArray)(await Kubectl.RunAsync(get)).Json()["items"]!;
        var requests = Cluster.Requests.ToList();
        var managed = (JsonArray)(await Kubectl.RunAsync([.. get, "--show-managed-fields"])).Json()["items"]!;
        Assert.Multiple(() =>
        {
            Assert.That(items.Select(item => $"{item!["kind"]}/{item["metadata"]!["name"]}"), Is.EqualTo(new[] { "StatefulSet/web", "Service/web", "Secret/web-secret", "Pod/web-0" }));
            Assert.That(items.Select(item => item!["metadata"]!["managedFields"]), Is.All.Null);
            Assert.That(managed[0]!["metadata"]!["managedFields"]![0]!["manager"]!.ToString(), Is.EqualTo("ambrosia"));
            Assert.That(managed[0]!["metadata"]!["managedFields"]![0]!["fieldsV1"]!.ToJsonString(), Does.Contain("""f:containers":{"k:{\u0022name\u0022:\u0022web\u0022}":{".":{},"f:env":"""));
            Assert.That(requests, Has.Count.EqualTo(5), string.Join("\n", requests));
        });
    }

    [Test]
    public async Task A_long_list_comes_in_pages()
    {
        (await ApplyAsync(Manifests.List(Enumerable.Range(0, 5).Select(index => ConfigMap($"map-{index}"))))).Check();
        var items = (JsonArray)(await Kubectl.RunAsync("get", "configmaps", "--chunk-size=2", "-o", "json")).Json()["items"]!;
        Assert.That(items, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task What_is_missing_is_named()
    {
        var one = await Kubectl.RunAsync("get", "statefulset", "nope", "-o", "json");
        var ignored = await Kubectl.RunAsync("get", "statefulset", "nope", "-o", "json", "--ignore-not-found");
        var none = await Kubectl.RunAsync("get", "pods", "-l", "a=none", "-o", "json");
        Assert.Multiple(() =>
        {
            Assert.That(one.ExitCode, Is.EqualTo(1));
            Assert.That(one.Error, Is.EqualTo("Error from server (NotFound): statefulsets.apps \"nope\" not found\n"));
            Assert.That((ignored.ExitCode, ignored.Output), Is.EqualTo((0, "")));
            Assert.That((JsonArray)none.Json()["items"]!, Is.Empty);
        });
    }

    [Test]
    public async Task Events_are_found_by_their_object_only()
    {
        await DeployAsync();
        var byField = (JsonArray)(await Kubectl.RunAsync("get", "events", "--field-selector", "involvedObject.name=web-0", "-o", "json")).Json()["items"]!;
        var byLabel = (JsonArray)(await Kubectl.RunAsync("get", "events", "-l", "app.kubernetes.io/part-of=ambrosia", "-o", "json")).Json()["items"]!;
        Assert.Multiple(() =>
        {
            Assert.That(byField.Select(item => item!["reason"]!.ToString()), Is.SupersetOf(new[] { "Scheduled", "Pulled", "Created", "Started" }));
            Assert.That(byLabel, Is.Empty);
        });
    }

    [Test]
    public async Task A_watch_tells_changes_until_it_is_ended()
    {
        (await ApplyAsync(Manifests.List(ConfigMap("first")))).Check();
        using var watch = Kubectl.Start("get", "configmaps", "--watch", "-o", "name");
        await watch.SawAsync("configmap/first");
        (await ApplyAsync(Manifests.List(ConfigMap("second")))).Check();
        await watch.SawAsync("configmap/second");
    }

    private static JsonObject ConfigMap(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "ambrosia" },
        ["data"] = new JsonObject { ["a"] = "1" },
    };
}
