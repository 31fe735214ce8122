using System.Text.Json.Nodes;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class ApplyTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task Everything_is_created_once_and_an_unchanged_apply_changes_nothing()
    {
        var manifest = Manifests.List(Manifests.Namespace(), Manifests.Secret(), Manifests.Service(), Manifests.StatefulSet());
        var first = (await ApplyAsync(manifest)).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        await Cluster.State.WaitForAsync(state => state.Get<V1StatefulSet>("ambrosia", "web")!.Status.ReadyReplicas == 1);
        var before = Versions();
        var second = (await ApplyAsync(manifest)).Check();
        Assert.Multiple(() =>
        {
            Assert.That(first.Output, Does.Contain("statefulset.apps/web serverside-applied"));
            Assert.That(second.Output, Is.EqualTo(first.Output));
            Assert.That(Versions(), Is.EqualTo(before));
            Assert.That(Cluster.State.Get<V1StatefulSet>("ambrosia", "web")!.Metadata.Generation, Is.EqualTo(1));
        });

        string[] Versions() =>
        [
            Cluster.State.Get<V1Namespace>("", "ambrosia")!.Metadata.ResourceVersion,
            Cluster.State.Get<V1Secret>("ambrosia", "web-secret")!.Metadata.ResourceVersion,
            Cluster.State.Get<V1Service>("ambrosia", "web")!.Metadata.ResourceVersion,
            Cluster.State.Get<V1StatefulSet>("ambrosia", "web")!.Metadata.ResourceVersion,
            Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid,
        ];
    }

    [Test]
    public async Task A_changed_template_raises_the_generation_and_replaces_the_pod()
    {
        await DeployAsync();
        var old = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid;
        (await ApplyAsync(Manifests.List(Manifests.StatefulSet(mode: "b")))).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1StatefulSet>("ambrosia", "web")!.Status is { ObservedGeneration: 2, UpdatedReplicas: 1, ReadyReplicas: 1 } status && status.CurrentRevision == status.UpdateRevision);
        var set = Cluster.State.Get<V1StatefulSet>("ambrosia", "web")!;
        var pod = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!;
        Assert.Multiple(() =>
        {
            Assert.That(set.Metadata.Generation, Is.EqualTo(2));
            Assert.That(pod.Metadata.Uid, Is.Not.EqualTo(old));
            Assert.That(pod.Spec.Containers[0].Env[0].Value, Is.EqualTo("b"));
            Assert.That(Cluster.State.List<V1PersistentVolumeClaim>("ambrosia").Single().Metadata.Name, Is.EqualTo("logs-web-0"));
        });
    }

    [Test]
    public async Task A_field_of_another_manager_is_a_conflict_until_it_is_forced()
    {
        await ApplyAsync(Manifests.List(Manifests.StatefulSet()));
        var foreign = Shared("c");
        var refused = await Kubectl.RunAsync(["apply", "--server-side", "--field-manager=other", "-f", "-"], foreign.ToJsonString());
        var single = await Kubectl.RunAsync(["apply", "--server-side", "--field-manager=other", "-f", "-"], Shared("a").ToJsonString());
        var forced = await Kubectl.RunAsync(["apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-"], foreign.ToJsonString());
        var back = await ApplyAsync(Manifests.List(Manifests.StatefulSet()));
        Assert.Multiple(() =>
        {
            Assert.That(refused.ExitCode, Is.EqualTo(1));
            Assert.That(refused.Error, Does.StartWith(
                "error: Apply failed with 2 conflicts: conflicts with \"ambrosia\":\n- .spec.replicas\n- .spec.template.spec.containers[name=\"web\"].env[name=\"MODE\"].value\nPlease review the fields above--they currently have other managers."));
            Assert.That(single.Error, Does.StartWith("error: Apply failed with 1 conflict: conflict with \"ambrosia\": .spec.replicas\n"));
            Assert.That(forced.ExitCode, Is.Zero);
            Assert.That(back.Error, Does.Contain("conflicts with \"other\":\n- .spec.replicas"));
        });

        // Without the values that the server writes in another form: those would be conflicts too, as on a real server.
        static JsonObject Shared(string mode)
        {
            var set = Manifests.StatefulSet(mode: mode, replicas: 2);
            ((JsonObject)set["spec"]!).Remove("volumeClaimTemplates");
            ((JsonObject)set["spec"]!["template"]!["spec"]!["containers"]![0]!).Remove("resources");
            ((JsonObject)set["spec"]!["template"]!["spec"]!["containers"]![0]!).Remove("volumeMounts");
            return set;
        }
    }

    [Test]
    public async Task What_scale_changed_belongs_to_its_manager()
    {
        await DeployAsync();
        (await Kubectl.RunAsync("scale", "statefulset/web", "--replicas=0")).Check();
        var result = await ApplyAsync(Manifests.List(Manifests.StatefulSet()));
        Assert.That(result.Error, Does.Contain("conflict with \"kubectl\" with subresource \"scale\" using apps/v1").And.Contain(": .spec.replicas"));
    }

    [Test]
    public async Task A_field_that_is_applied_no_longer_goes_unless_another_manager_owns_it()
    {
        var first = Manifests.Secret();
        first["data"]!["second"] = "eA==";
        first["data"]!["third"] = "eQ==";
        await ApplyAsync(first.ToJsonString());
        var shared = Manifests.Secret();
        shared["data"] = new JsonObject { ["third"] = "eQ==" };
        (await Kubectl.RunAsync(["apply", "--server-side", "--field-manager=other", "-f", "-"], shared.ToJsonString())).Check();
        (await ApplyAsync(Manifests.Secret().ToJsonString())).Check();
        Assert.That(Cluster.State.Get<V1Secret>("ambrosia", "web-secret")!.Data.Keys, Is.EquivalentTo(new[] { "token", "third" }));
    }

    [Test]
    public async Task An_item_of_a_list_goes_with_its_manager_s_interest_in_it()
    {
        var first = Manifests.StatefulSet();
        ((JsonArray)first["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!).Add(new JsonObject { ["name"] = "EXTRA", ["value"] = "1" });
        await ApplyAsync(first.ToJsonString());
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        Assert.That(Cluster.State.Get<V1StatefulSet>("ambrosia", "web")!.Spec.Template.Spec.Containers[0].Env.Select(variable => variable.Name), Is.EqualTo(new[] { "MODE" }));
    }

    [Test]
    public async Task A_dry_run_checks_everything_and_stores_nothing()
    {
        var created = await ApplyAsync(Manifests.List(Manifests.StatefulSet()), "--dry-run=server");
        var invalid = await ApplyAsync(Manifests.List(Manifests.StatefulSet(replicas: -1)), "--dry-run=server");
        Assert.Multiple(() =>
        {
            Assert.That(created.Output, Is.EqualTo("statefulset.apps/web serverside-applied (server dry run)\n"));
            Assert.That(invalid.Error, Does.Contain("The StatefulSet \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0"));
            Assert.That(Cluster.State.Get<V1StatefulSet>("ambrosia", "web"), Is.Null);
        });
    }

    [Test]
    public async Task The_server_fills_in_its_defaults_and_writes_quantities_in_their_shortest_form()
    {
        await ApplyAsync(Manifests.List(Manifests.StatefulSet(), Manifests.Service()));
        var set = (await Kubectl.RunAsync("get", "statefulset", "web", "-o", "json")).Json()["spec"]!;
        var service = (await Kubectl.RunAsync("get", "service", "web", "-o", "json")).Json()["spec"]!;
        var container = set["template"]!["spec"]!["containers"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(set["podManagementPolicy"]!.ToString(), Is.EqualTo("OrderedReady"));
            Assert.That(set["updateStrategy"]!.ToJsonString(), Is.EqualTo("""{"type":"RollingUpdate","rollingUpdate":{"partition":0}}""").Or.EqualTo("""{"rollingUpdate":{"partition":0},"type":"RollingUpdate"}"""));
            Assert.That(set["persistentVolumeClaimRetentionPolicy"]!["whenDeleted"]!.ToString(), Is.EqualTo("Retain"));
            Assert.That(container["resources"]!["requests"]!["cpu"]!.ToString(), Is.EqualTo("500m"));
            Assert.That(container["resources"]!["requests"]!["memory"]!.ToString(), Is.EqualTo("1Gi"));
            Assert.That(container["readinessProbe"]!["periodSeconds"]!.GetValue<int>(), Is.EqualTo(10));
            Assert.That(container["ports"]![0]!["protocol"]!.ToString(), Is.EqualTo("TCP"));
            Assert.That(set["volumeClaimTemplates"]![0]!["spec"]!["volumeMode"]!.ToString(), Is.EqualTo("Filesystem"));
            Assert.That(service["type"]!.ToString(), Is.EqualTo("ClusterIP"));
            Assert.That(service["clusterIP"]!.ToString(), Does.StartWith("10."));
        });
    }

    [Test]
    public async Task What_must_not_change_is_refused()
    {
        await ApplyAsync(Manifests.List(Manifests.StatefulSet()));
        var changed = Manifests.StatefulSet();
        changed["spec"]!["serviceName"] = "other";
        var result = await ApplyAsync(changed.ToJsonString());
        Assert.That(result.Error, Does.StartWith("The StatefulSet \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"));
    }

    [Test]
    public async Task A_missing_or_terminating_namespace_takes_nothing()
    {
        var elsewhere = Manifests.Secret();
        elsewhere["metadata"]!["namespace"] = "nowhere";
        using var kubectl = new Kubectl(Kubectl.Minor) { Namespace = "nowhere" };
        Cluster.WriteKubeconfig(kubectl.Kubeconfig, Cluster.Admin, "emulator");
        var missing = await kubectl.RunAsync(["apply", "--server-side", "--field-manager=ambrosia", "-f", "-"], elsewhere.ToJsonString());
        Cluster.State.Put(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "held", NamespaceProperty = "ambrosia", Finalizers = ["example.com/held"] } });
        (await Kubectl.RunAsync("delete", "namespace", "ambrosia", "--wait=false")).Check();
        var terminating = await ApplyAsync(Manifests.Secret().ToJsonString());
        Assert.Multiple(() =>
        {
            Assert.That(missing.Error, Is.EqualTo("Error from server (NotFound): namespaces \"nowhere\" not found\n"));
            Assert.That(terminating.Error, Does.Contain("secrets \"web-secret\" is forbidden: unable to create new content in namespace ambrosia because it is being terminated"));
        });
    }

    [Test]
    public async Task A_field_that_does_not_exist_is_refused_by_the_server()
    {
        var wrong = Manifests.StatefulSet();
        wrong["spec"]!["replikas"] = 1;
        var result = await ApplyAsync(wrong.ToJsonString());
        Assert.That(result.Error, Does.Contain(".spec.replikas: field not declared in schema"));
    }
}
