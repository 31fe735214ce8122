using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class KubernetesPlannerTests
{
    private const string Server = "generated-perftestserver";

    private static readonly string[] Untouched = [];

    [Test]
    public void In_a_cluster_that_is_still_to_be_made_everything_is_created() => Assert.That(
        KubernetesPlanner.Plan(Specs.OnShare, ObservedObjects.Nothing, fresh: false).Objects.Select(planned => planned.Action),
        Is.All.EqualTo(ObjectAction.Create));

    /// <summary>The original had no notion of what had changed.</summary>
    [Test]
    public void Defect_16_what_is_as_wanted_is_left_alone()
    {
        foreach (var spec in new[] { Specs.Claims, Specs.OnShare, Specs.Original })
            Assert.That(Changed(KubernetesPlanner.Plan(spec, Live(spec), fresh: false)), Is.EqualTo(Untouched));
    }

    [Test]
    public void What_the_server_fills_in_or_others_add_is_no_difference()
    {
        var live = Live(Specs.Claims, item =>
        {
            item["metadata"]!["uid"] = "1";
            item["metadata"]!["labels"]!["somebody"] = "else";
            item["status"] = new JsonObject { ["phase"] = "Bound" };
            if ((string?)item["kind"] == "StatefulSet")
            {
                item["spec"]!["template"]!["spec"]!["dnsPolicy"] = "ClusterFirst";
                item["spec"]!["template"]!["spec"]!["containers"]![0]!["terminationMessagePath"] = "/dev/termination-log";
                ((JsonArray)item["spec"]!["template"]!["spec"]!["containers"]!).Insert(0, new JsonObject { ["name"] = "injected" });
            }
        });

        Assert.That(Changed(KubernetesPlanner.Plan(Specs.Claims, live, fresh: false)), Is.EqualTo(Untouched));
    }

    [Test]
    public void Quantities_are_compared_by_value()
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] == "StatefulSet")
                item["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"] = "0.1";
            if ((string?)item["kind"] == "PersistentVolumeClaim")
                item["spec"]!["resources"]!["requests"]!["storage"] = "16384Mi";
        });

        Assert.That(Changed(KubernetesPlanner.Plan(Specs.Claims, live, fresh: false)), Is.EqualTo(Untouched));
    }

    [Test]
    public void A_field_that_we_applied_and_want_no_more_is_a_difference()
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] != "Service")
                return;
            item["spec"]!["sessionAffinity"] = "ClientIP";
            item["metadata"]!["managedFields"] = new JsonArray(
                Managed("ambrosia", "Apply", """{"f:spec":{"f:sessionAffinity":{},"f:ports":{"k:{\"port\":21500,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}}"""));
        });

        var update = KubernetesPlanner.Plan(Specs.Claims, live, fresh: false).Of(ObjectAction.Update).First();

        Assert.That(update.Differences.Single(), Is.EqualTo(new FieldDifference("spec.sessionAffinity", "ClientIP", null, null)));
    }

    [Test]
    public void A_field_that_another_manager_has_set_is_a_conflict()
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["metadata"]!["name"] != Server || (string?)item["kind"] != "StatefulSet")
                return;
            item["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "other";
            item["metadata"]!["managedFields"] = new JsonArray(Managed(
                "kubectl-set", "Update", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"ambrosia\"}":{"f:image":{}}}}}}}"""));
        });

        var conflict = KubernetesPlanner.Plan(Specs.Claims, live, fresh: false).Conflicts.Single();

        Assert.That(conflict.Reason, Does.Contain("spec.template.spec.containers[ambrosia].image was set by kubectl-set"));
    }

    [Test]
    public void A_new_image_names_the_one_before()
    {
        var spec = Specs.Claims with { Image = Specs.Image with { Reference = "registry.invalid/perftest@sha256:" + new string('b', 64) } };

        var update = KubernetesPlanner.Plan(spec, Live(Specs.Claims), fresh: false).Of(ObjectAction.Update).First(planned => planned.Object.Kind == "StatefulSet");

        Assert.Multiple(() =>
        {
            Assert.That(update.Wanted!.Annotation(Naming.PreviousImageAnnotation), Is.EqualTo(Specs.Image.Reference));
            Assert.That(update.RollsPod, Is.True);
            Assert.That(update.Differences.Select(difference => difference.Path), Is.EquivalentTo(new[]
            {
                "metadata.annotations.ambrosia.io/previous-image", "spec.template.spec.containers[ambrosia].image",
            }));
        });
    }

    [Test]
    public void An_image_that_is_still_to_be_built_is_an_update_and_writes_nothing_down()
    {
        var update = KubernetesPlanner.Plan(Specs.Claims with { Image = null }, Live(Specs.Claims), fresh: false).Of(ObjectAction.Update).First();

        Assert.That(update.Differences.Single(), Is.EqualTo(
            new FieldDifference("spec.template.spec.containers[ambrosia].image", Specs.Image.Reference, DeploymentSpec.Unknown, null)));
    }

    [Test]
    public void What_a_StatefulSet_can_never_change_is_a_conflict_with_a_way_out()
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] == "StatefulSet")
                item["spec"]!["serviceName"] = "other";
        });

        var conflict = KubernetesPlanner.Plan(Specs.Claims, live, fresh: false).Conflicts.First();

        Assert.That((conflict.Reason, conflict.Remedy), Is.EqualTo((
            "spec.serviceName cannot be changed", $"delete statefulset/{Server}: it is made anew, and the logs stay where they are")));
    }

    [TestCase(32, ObjectAction.Update)]
    [TestCase(8, ObjectAction.Conflict)]
    public void A_claim_may_grow_and_not_shrink(int gib, ObjectAction action)
    {
        var plan = KubernetesPlanner.Plan(Specs.Claims with { Volumes = new LogVolumes.Claims("standard", gib) }, Live(Specs.Claims), fresh: false);

        Assert.That(plan.Objects.Where(planned => planned.Object.Kind == "PersistentVolumeClaim").Select(planned => planned.Action), Is.All.EqualTo(action));
    }

    [Test]
    public void A_claim_does_not_grow_where_its_class_forbids()
    {
        var spec = Specs.Claims with { Volumes = new LogVolumes.Claims("standard", 32) };
        var observed = Live(Specs.Claims) with { AllowsGrowth = new Dictionary<string, bool> { ["standard"] = false, ["fast"] = true } };

        var conflict = KubernetesPlanner.Plan(spec, observed, fresh: false).Conflicts.First();

        Assert.That((KubernetesPlanner.Grows(spec, observed.Objects), KubernetesPlanner.Grows(Specs.Claims, observed.Objects)), Is.EqualTo((true, false)));
        Assert.That(conflict.Reason, Is.EqualTo("storage class standard lets no volume grow (allowVolumeExpansion)"));
        Assert.That(conflict.Remedy, Does.StartWith("set kubernetes.logSizeGiB back (the claim has 16Gi)"));
    }

    /// <summary>A claim that no provisioner served can never be resized, and the share's quota is no business of its.</summary>
    [Test]
    public void Another_quota_of_the_share_changes_no_object()
    {
        var spec = Specs.OnShare with { Volumes = Specs.Share with { SizeGiB = 2 * Specs.Share.SizeGiB } };

        Assert.That(Changed(KubernetesPlanner.Plan(spec, Live(Specs.OnShare), fresh: false)), Is.EqualTo(Untouched));
    }

    [Test]
    public void From_disks_to_a_share_needs_empty_logs_and_gets_there_with_them()
    {
        var live = Live(Specs.Claims);

        Assert.That(KubernetesPlanner.Plan(Specs.OnShare, live, fresh: false).Conflicts.First().Remedy, Does.Contain("--fresh"));
        var fresh = KubernetesPlanner.Plan(Specs.OnShare, live, fresh: true);
        Assert.That(fresh.Conflicts, Is.Empty);
        Assert.That(fresh.Of(ObjectAction.Recreate).Select(planned => planned.Object.Kind), Is.All.EqualTo("PersistentVolumeClaim"));
        Assert.That(fresh.Of(ObjectAction.Create).Count(planned => planned.Object.Kind == "PersistentVolume"), Is.EqualTo(2));
        Assert.That(fresh.Of(ObjectAction.EraseLogs).Count(), Is.EqualTo(2), "the folder may hold logs of an earlier time");
    }

    [Test]
    public void A_volume_of_another_account_goes_with_its_claim_which_holds_it()
    {
        var spec = Specs.OnShare with { Volumes = Specs.Share with { Account = "other" } };

        var remedy = KubernetesPlanner.Plan(spec, Live(Specs.OnShare), fresh: false).Conflicts.First().Remedy!;
        var fresh = KubernetesPlanner.Plan(spec, Live(Specs.OnShare), fresh: true);

        Assert.That(remedy, Does.Contain($"delete statefulset/{Server}, persistentvolumeclaim/{Server}-logs and persistentvolume/ambrosia-perftest-{Server}-logs, in this order"));
        Assert.That(fresh.Conflicts, Is.Empty);
        Assert.That(fresh.Of(ObjectAction.Recreate).Select(planned => planned.Object.Kind), Is.EquivalentTo(new[]
        {
            "PersistentVolume", "PersistentVolumeClaim", "PersistentVolume", "PersistentVolumeClaim",
        }));
    }

    /// <summary>The server takes such a map as one value, and answers an apply with a conflict.</summary>
    [TestCase("Service", "selector", """{"f:spec":{"f:selector":{}}}""")]
    public void A_key_that_somebody_has_added_to_a_map_of_one_value_is_a_conflict(string kind, string map, string fields)
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] != kind || !((string)item["metadata"]!["name"]!).EndsWith("server", StringComparison.Ordinal))
                return;
            item["spec"]![map]!["by"] = "hand";
            item["metadata"]!["managedFields"] = new JsonArray(Managed("kubectl-edit", "Update", fields));
        });

        Assert.That(KubernetesPlanner.Plan(Specs.Claims, live, fresh: false).Conflicts.Single().Reason, Does.StartWith($"spec.{map} was set by kubectl-edit"));
    }

    [Test]
    public void A_node_selector_with_a_key_more_is_another_one()
    {
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] == "StatefulSet")
                item["spec"]!["template"]!["spec"]!["nodeSelector"]!["by"] = "hand";
        });

        Assert.That(
            KubernetesPlanner.Plan(Specs.Claims, live, fresh: false).Of(ObjectAction.Update).Select(planned => planned.Differences.Single().Path),
            Is.All.EqualTo("spec.template.spec.nodeSelector").And.Exactly(2).Items);
    }

    [Test]
    public void An_image_that_never_became_ready_is_not_one_to_go_back_to()
    {
        var spec = Specs.Claims with { Image = Specs.Image with { Reference = "registry.invalid/perftest@sha256:" + new string('b', 64) } };
        var live = Live(Specs.Claims, item =>
        {
            if ((string?)item["kind"] != "StatefulSet")
                return;
            item["metadata"]!["annotations"] = new JsonObject { [Naming.PreviousImageAnnotation] = "good" };
            item["status"] = new JsonObject { ["currentRevision"] = "one", ["updateRevision"] = "two" };
        });

        var update = KubernetesPlanner.Plan(spec, live, fresh: false).Of(ObjectAction.Update).First(planned => planned.Object.Kind == "StatefulSet");

        Assert.That(update.Wanted!.Annotation(Naming.PreviousImageAnnotation), Is.EqualTo("good"));
    }

    [Test]
    public void Another_storage_class_needs_empty_logs()
    {
        var spec = Specs.Claims with { Volumes = new LogVolumes.Claims("fast", 16) };
        Assert.Multiple(() =>
        {
            Assert.That(KubernetesPlanner.Plan(spec, Live(Specs.Claims), fresh: false).Conflicts.First().Remedy, Does.Contain("--fresh"));
            Assert.That(KubernetesPlanner.Plan(spec, Live(Specs.Claims), fresh: true).Conflicts, Is.Empty);
        });
    }

    [Test]
    public void A_changed_key_is_told_by_its_hash_and_stops_all_on_the_share()
    {
        var plan = KubernetesPlanner.Plan(Specs.OnShare with { ShareKey = "another" }, Live(Specs.OnShare), fresh: false);
        Assert.Multiple(() =>
        {
            Assert.That(plan.ShareKeyChanged, Is.True);
            Assert.That(Changed(plan), Is.EqualTo(new[] { "Secret share", $"StatefulSet {Server}", "StatefulSet generated-perftestclient" }));
            Assert.That(plan.Objects.SelectMany(planned => planned.Differences).Select(difference => $"{difference.Old} {difference.New}"), Has.None.Contain("another"));
        });
    }

    [Test]
    public void A_volume_whose_claim_is_gone_is_made_anew_and_keeps_the_share()
    {
        var live = Live(Specs.OnShare, item =>
        {
            if ((string?)item["kind"] == "PersistentVolume")
                item["status"] = new JsonObject { ["phase"] = "Released" };
        });

        Assert.That(
            KubernetesPlanner.Plan(Specs.OnShare, live, fresh: false).Of(ObjectAction.Recreate).Select(planned => planned.Object.Kind),
            Is.EqualTo(new[] { "PersistentVolume", "PersistentVolume" }));
    }

    [Test]
    public void A_volume_of_the_same_service_in_another_namespace_is_not_ours()
    {
        var other = Specs.OnShare with { Settings = Specs.Settings with { Kubernetes = Specs.Settings.Kubernetes with { Namespace = "elsewhere" } } };
        var observed = Live(Specs.OnShare);
        var elsewhere = ManifestBuilder.Build(other).Where(item => item.Kind == "PersistentVolume");

        var plan = KubernetesPlanner.Plan(Specs.OnShare, observed with { Objects = [.. observed.Objects, .. elsewhere] }, fresh: false);

        Assert.That(plan.Objects, Has.Count.EqualTo(KubernetesPlanner.Plan(Specs.OnShare, observed, fresh: false).Objects.Count));
    }

    [Test]
    public void A_namespace_that_is_being_deleted_is_a_conflict()
    {
        var observed = Live(Specs.Claims);
        observed.Namespace!.Content["status"] = new JsonObject { ["phase"] = "Terminating" };

        Assert.That(KubernetesPlanner.Plan(Specs.Claims, observed, fresh: false).Conflicts.Single().Object.Kind, Is.EqualTo("Namespace"));
    }

    [Test]
    public void What_runs_beside_the_new_code_is_recorded_with_it_and_alone_once_it_is_ready()
    {
        var next = Specs.Claims with { Image = Specs.Image with { Reference = "registry.invalid/perftest@sha256:" + new string('b', 64) } };
        var pending = Live(next, item =>
        {
            if (item["metadata"]!["annotations"]?[Naming.LogCodeAnnotation] is { } recorded)
                item["metadata"]!["annotations"]![Naming.LogCodeAnnotation] = $"{Specs.Image.Reference}#1 {recorded}";
        });

        Assert.Multiple(() =>
        {
            Assert.That(Writers(KubernetesPlanner.Plan(next, Live(Specs.Claims, Ready), fresh: false)), Is.EqualTo($"{Recorded(Specs.Claims)} {Recorded(next)}"));
            Assert.That(Changed(KubernetesPlanner.Plan(next, pending, fresh: false)), Is.EqualTo(Untouched), "not ready yet");
            foreach (var item in pending.Objects)
                Ready(item.Content);
            var settled = KubernetesPlanner.Plan(next, pending, fresh: false);
            Assert.That(Writers(settled), Is.EqualTo(Recorded(next)));
            Assert.That(settled.Of(ObjectAction.Update).Select(planned => planned.Object.Kind), Is.All.EqualTo("PersistentVolumeClaim"));
            Assert.That(settled.Of(ObjectAction.Update).First().Reason, Is.EqualTo("which code records its logs is written down"));
        });
    }

    [Test]
    public void A_new_claim_is_empty_and_a_folder_on_a_share_may_not_be() => Assert.Multiple(() =>
    {
        Assert.That(Writers(KubernetesPlanner.Plan(Specs.Claims, ObservedObjects.Nothing, fresh: false)), Is.EqualTo(Recorded(Specs.Claims)));
        Assert.That(Writers(KubernetesPlanner.Plan(Specs.OnShare, ObservedObjects.Nothing, fresh: false)), Is.Null);
    });

    /// <summary>A folder on a share is emptied only when all instances are stopped, and that may be cut off.</summary>
    [Test]
    public void Empty_logs_are_those_of_a_claim_that_is_made_anew()
    {
        var other = Specs.Image with { Reference = "registry.invalid/perftest@sha256:" + new string('b', 64) };
        var (claims, share) = (Specs.Claims with { Image = other }, Specs.OnShare with { Image = other });
        Assert.Multiple(() =>
        {
            Assert.That(Writers(KubernetesPlanner.Plan(claims, Live(Specs.Claims, Ready), fresh: true)), Is.EqualTo(Recorded(claims)));
            Assert.That(Writers(KubernetesPlanner.Plan(share, Live(Specs.OnShare, Ready), fresh: true)), Is.EqualTo($"{Recorded(Specs.OnShare)} {Recorded(share)}"));
        });
    }

    /// <summary>What the container of a StatefulSet has from others is no other code, or each run would find a change.</summary>
    [Test]
    public void What_others_add_to_a_container_makes_no_other_code_of_it()
    {
        var live = Live(Specs.Claims, item =>
        {
            Ready(item);
            if ((string?)item["kind"] == "StatefulSet")
                ((JsonArray)item["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!).Add(new JsonObject { ["name"] = "PROXY", ["value"] = "1" });
        });

        Assert.That(Changed(KubernetesPlanner.Plan(Specs.Claims, live, fresh: false)), Is.EqualTo(Untouched));
    }

    /// <summary>A StatefulSet whose newest version is ready.</summary>
    private static void Ready(JsonObject item)
    {
        if ((string?)item["kind"] == "StatefulSet")
            item["status"] = JsonNode.Parse("""{"replicas":1,"readyReplicas":1,"updatedReplicas":1,"currentRevision":"one","updateRevision":"one"}""");
    }

    private static string? Recorded(DeploymentSpec spec) => Claim(ManifestBuilder.Build(spec)).Annotation(Naming.LogCodeAnnotation);

    private static string? Writers(KubernetesPlan plan) => Claim(plan.Objects.Select(planned => planned.Wanted!)).Annotation(Naming.LogCodeAnnotation);

    private static KubeObject Claim(IEnumerable<KubeObject> objects) => objects.First(item => item.Kind == "PersistentVolumeClaim");

    private static IEnumerable<string> Changed(KubernetesPlan plan) =>
        plan.Objects.Where(planned => planned.Action != ObjectAction.Unchanged).Select(planned => planned.Object.Title);

    /// <summary>The cluster after a deployment, with what a test does to each object.</summary>
    private static ObservedObjects Live(DeploymentSpec spec, Action<JsonObject>? change = null)
    {
        var objects = ManifestBuilder.Build(spec).Select(item => new KubeObject((JsonObject)item.Content.DeepClone())).ToList();
        foreach (var item in objects)
            change?.Invoke(item.Content);
        return new ObservedObjects(true, objects[0], true, objects[1..]);
    }

    private static JsonObject Managed(string manager, string operation, string fields) => new()
    {
        ["manager"] = manager,
        ["operation"] = operation,
        ["apiVersion"] = "v1",
        ["fieldsType"] = "FieldsV1",
        ["fieldsV1"] = JsonNode.Parse(fields),
    };
}
