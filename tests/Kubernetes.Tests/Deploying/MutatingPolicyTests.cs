using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Api;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>A cluster whose policy takes images from a mirror and gives every pod more memory.</summary>
public sealed class MutatingPolicyTests(int minor) : DeployFixture(minor)
{
    private const string Mirrored = "mirror.invalid/hello@";

    [SetUp]
    public async Task DeployFirstAsync()
    {
        World.Cluster.OnAdmission = Mutate;
        await World.DeployAsync();
        World.Cluster.Requests.Clear();
        World.Runner.Clear();
    }

    [Test]
    public async Task A_second_deployment_changes_nothing_and_asks_for_no_checkpoint()
    {
        var pod = Pod().Metadata.Uid;

        var outcome = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Pod().Spec.Containers.Single().Image, Is.EqualTo(Mirrored + DeployWorld.Digest));
            Assert.That(outcome.Summary, Is.EqualTo("unchanged: 7 objects are as far as the cluster lets them be (2 not as configured), no pod was touched"));
            Assert.That(
                World.Console.Text.Split($"StatefulSet {Server} is not as configured: the cluster changes spec.template.spec.containers[ambrosia].image to {Mirrored}{DeployWorld.Digest}, and 1 field more"),
                Has.Length.EqualTo(2), "once for each object");
            Assert.That(World.Mutations(), Is.Empty);
            Assert.That(World.Execs, Is.Empty);
            Assert.That(World.Runner.Commands, Is.EqualTo(new[] { "get", "get", "apply" }), "the server is asked once");
            Assert.That(Pod().Metadata.Uid, Is.EqualTo(pod));
        });
    }

    [Test]
    public async Task A_plan_says_what_the_cluster_changes_and_changes_nothing()
    {
        var plan = await World.PlanAsync();

        Assert.Multiple(() =>
        {
            Assert.That(
                plan.Changes.Single(change => change.Resource == $"StatefulSet {Server}").Reason,
                Is.EqualTo($"the cluster changes spec.template.spec.containers[ambrosia].image to {Mirrored}{DeployWorld.Digest}, and 1 field more"));
            Assert.That(World.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task Another_image_is_deployed_as_ever()
    {
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Pod().Spec.Containers.Single().Image, Is.EqualTo(Mirrored + DeployWorld.OtherDigest));
            Assert.That(World.Execs.Count(call => call.Command.Contains("checkpoint")), Is.EqualTo(2));
            Assert.That(
                World.Cluster.State.Get<V1StatefulSet>(Space, Server)!.Metadata.Annotations[Naming.PreviousImageAnnotation], Is.EqualTo(Mirrored + DeployWorld.Digest));
        });
    }

    [Test]
    public async Task Where_dry_runs_are_refused_the_difference_is_taken_for_a_change()
    {
        World.Cluster.Faults.Add(new Fault("PATCH", "dryRun=All") { Status = 403 });

        var outcome = await World.DeployAsync();

        Assert.That(outcome.Summary, Is.EqualTo("4 updated, 3 unchanged"));
    }

    private static void Mutate(JsonObject item)
    {
        if ((string?)item["kind"] != "StatefulSet" || item["spec"]?["template"]?["spec"]?["containers"]?[0] is not JsonObject container)
            return;
        if ((string?)container["image"] is { } image)
            container["image"] = image.Replace(DeployWorld.Repository, "mirror.invalid/hello", StringComparison.Ordinal);
        if (container["resources"]?["requests"] is JsonObject requests)
            requests["memory"] = "1Gi";
    }

    private V1Pod Pod() => World.Cluster.State.Get<V1Pod>(Space, Server + "-0")!;
}
