using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class ServerAnswerTests
{
    private const string Path = "spec.template.spec.containers[ambrosia]";
    private const string Mirror = "mirror.invalid/perftest";

    [Test]
    public void What_the_server_leaves_as_it_is_is_unchanged()
    {
        var plan = Considered(Specs.Claims, Mutate);

        Assert.That(plan.HasChanges, Is.False);
        Assert.That(
            plan.Workloads.Select(workload => workload.Reason),
            Has.All.EqualTo($"the cluster changes {Path}.image to {Mirror}, and 1 field more"));
        Assert.That(plan.Workloads.Select(workload => workload.Wanted!.Annotation(Naming.PreviousImageAnnotation)), Has.All.Null, "the image is the present one's");
    }

    [Test]
    public void What_the_server_would_change_is_changed_and_the_rest_is_no_other_code()
    {
        var other = Specs.Claims with { Settings = Specs.Settings with { LogDirectory = "/elsewhere" } };

        var update = Considered(other, Mutate, live: Specs.Claims).Workloads.First();

        Assert.That(update.Action, Is.EqualTo(ObjectAction.Update));
        Assert.That(update.Differences.Select(difference => difference.Path), Has.None.EqualTo($"{Path}.image").And.None.Contains(Naming.PreviousImageAnnotation));
        Assert.That(update.Differences.Select(difference => difference.Path), Has.Some.EqualTo($"{Path}.args"));
        Assert.That(update.Reason, Is.EqualTo($"differs from the configuration; its pod is replaced; the cluster changes {Path}.image to {Mirror}, and 1 field more"));
    }

    [Test]
    public void A_field_that_a_policy_sets_asks_for_no_checkpoint_when_another_changes()
    {
        var observed = Live(Specs.Claims, Mutate);
        var set = observed.Objects.First(item => item.Kind == "StatefulSet");
        set.Content["spec"]!["template"]!["spec"]!["enableServiceLinks"] = true;

        var update = Consider(KubernetesPlanner.Plan(Specs.Claims, observed, fresh: false), Mutate).Workloads.Single(workload => workload.Action == ObjectAction.Update);

        Assert.That(update.Differences.Select(difference => difference.Path), Is.EqualTo(new[] { "spec.template.spec.enableServiceLinks" }));
        Assert.That(CheckpointDecision.For(update, new V1Pod()).IsNeeded, Is.False);
    }

    [Test]
    public void An_image_that_does_change_is_written_down_as_before()
    {
        var other = Specs.Claims with { Image = Specs.Image with { Reference = "registry.invalid/perftest@sha256:" + new string('b', 64) } };

        var update = Considered(other, _ => { }, live: Specs.Claims).Workloads.First();

        Assert.That(update.Differences.Select(difference => difference.Path), Has.Some.EqualTo($"{Path}.image").And.Some.Contains(Naming.PreviousImageAnnotation));
        Assert.That(update.Wanted!.Annotation(Naming.PreviousImageAnnotation), Is.EqualTo(Specs.Image.Reference));
    }

    [Test]
    public void A_field_that_the_cluster_takes_away_is_told_as_such()
    {
        var plan = Considered(Specs.Claims, item =>
        {
            if ((string?)item["kind"] == "Service")
                ((JsonObject)item["spec"]!).Remove("publishNotReadyAddresses");
        });

        Assert.That(plan.HasChanges, Is.False);
        Assert.That(plan.Objects.Select(planned => planned.Reason), Has.Some.EqualTo("the cluster removes spec.publishNotReadyAddresses"));
    }

    [Test]
    public void What_is_not_answered_stays_as_planned()
    {
        var plan = KubernetesPlanner.Plan(Specs.Claims, Live(Specs.Claims, Mutate), fresh: false);

        Assert.That(ServerAnswer.Consider(plan, []).Objects, Is.EqualTo(plan.Objects));
    }

    [Test]
    public void Nothing_is_asked_where_nothing_is_updated_and_of_Secrets_and_without_an_image()
    {
        Assert.That(ServerAnswer.Questions(KubernetesPlanner.Plan(Specs.Claims, Live(Specs.Claims), fresh: false)), Is.Empty);
        var secrets = KubernetesPlanner.Plan(Specs.OnShare with { ShareKey = "bmV3" }, Live(Specs.OnShare), fresh: false);
        Assert.That(secrets.Of(ObjectAction.Update).Select(planned => planned.Object.Kind), Has.Some.EqualTo("Secret"));
        Assert.That(ServerAnswer.Questions(secrets).Select(question => question.Kind), Has.Some.EqualTo("StatefulSet").And.None.EqualTo("Secret"));
        Assert.That(ServerAnswer.Questions(KubernetesPlanner.Plan(Specs.Claims with { Image = null }, Live(Specs.Claims), fresh: false)), Is.Empty);
    }

    private static void Mutate(JsonObject item)
    {
        if ((string?)item["kind"] != "StatefulSet")
            return;
        var container = item["spec"]!["template"]!["spec"]!["containers"]![0]!;
        container["image"] = Mirror;
        container["resources"]!["requests"]!["memory"] = "1Gi";
    }

    /// <summary>The plan over a cluster in which a policy has done its work, and does it again.</summary>
    private static KubernetesPlan Considered(DeploymentSpec spec, Action<JsonObject> policy, DeploymentSpec? live = null) =>
        Consider(KubernetesPlanner.Plan(spec, Live(live ?? spec, policy), fresh: false), policy);

    private static KubernetesPlan Consider(KubernetesPlan plan, Action<JsonObject> policy) => ServerAnswer.Consider(plan, ServerAnswer.Questions(plan).Select(question =>
    {
        var answer = (JsonObject)question.Content.DeepClone();
        policy(answer);
        answer["metadata"]!["resourceVersion"] = "2";
        answer["metadata"]!["generation"] = 7;
        return new KubeObject(answer);
    }));

    private static ObservedObjects Live(DeploymentSpec spec, Action<JsonObject>? policy = null)
    {
        var objects = ManifestBuilder.Build(spec).Select(item => new KubeObject((JsonObject)item.Content.DeepClone())).ToList();
        foreach (var item in objects)
            policy?.Invoke(item.Content);
        return new ObservedObjects(true, objects[0], true, objects[1..]);
    }
}
