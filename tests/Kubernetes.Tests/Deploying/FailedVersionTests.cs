using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>Versions whose containers run and fail: which of them may be replaced by other code.</summary>
public sealed class FailedVersionTests(int minor) : DeployFixture(minor)
{
    /// <summary>A container that has failed twice stays as it is for the rest of a test.</summary>
    protected override EmulatorOptions Options => new() { Times = new PodTimes { CrashLoopBackOff = TimeSpan.FromMinutes(10) } };

    [TestCase(1, "Job: there is no option --colour")]
    [TestCase(64, "[coordinator] ERROR AMB5111: There is no option --colour.")]
    [TestCase(75, "[coordinator] Recovering: 0 log records to replay, epoch 3.", "[coordinator] ERROR AMB5109: The app exited with code 7.")]
    public async Task A_version_that_fails_at_its_start_is_put_right_by_the_next_deployment(int exitCode, params string[] lines)
    {
        await World.DeployAsync();
        await FailAsync(DeployWorld.OtherDigest, exitCode, lines);
        World.Options = World.Options with { Image = DeployWorld.Digest };

        await World.DeployAsync();
        await StartAnewAsync(DeployWorld.Digest);

        Assert.That(World.Execs.Select(call => call.Pod), Has.Exactly(1).EqualTo(Server + "-0"), "asked once, when its first code was replaced");
    }

    /// <summary>Its controller never saw it ready, and neither did a probe: the messages that it took are in the log.</summary>
    [Test]
    public async Task A_version_that_was_primary_for_a_moment_keeps_other_code_from_its_log()
    {
        await World.DeployAsync();
        await FailAsync(
            DeployWorld.OtherDigest, 75, "[coordinator] Recovering: 3 log records to replay, epoch 4.", "[coordinator] ERROR AMB5109: The app exited with code 7.");
        World.Options = World.Options with { Image = DeployWorld.Digest };
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5014").And.Contain("3 log records are in no checkpoint").And.Contain($"--image={DeployWorld.OtherDigest} stays"));
        Assert.That(World.Mutations(), Is.Empty);
    }

    [Test]
    public async Task A_first_version_that_fails_at_its_start_is_put_right_by_the_next_deployment()
    {
        await FailAsync(DeployWorld.Digest, 75, "[coordinator] Recovering: 0 log records to replay, epoch 1.", "[coordinator] ERROR AMB5109: The app exited with code 7.");
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);

        await World.DeployAsync();
        await StartAnewAsync(DeployWorld.OtherDigest);

        Assert.That(World.Execs.Select(call => call.Pod), Has.None.EqualTo(Server + "-0"));
    }

    /// <summary>The first image cannot be pulled: there is nothing that a checkpoint could hold.</summary>
    [Test]
    public async Task A_first_image_that_does_not_exist_is_put_right_by_the_next_deployment()
    {
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.ImagePullFailure("manifest unknown"));
        World.AwaitsRollout = false;
        await World.DeployAsync();
        await World.Cluster.State.WaitForAsync(_ => World.Cluster.State.Get<V1Pod>(Space, Server + "-0")?.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff");
        await World.Cluster.State.WaitForReadyPodAsync(Space, "generated-helloclient-0");
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);

        await World.DeployAsync();
        await StartAnewAsync(DeployWorld.OtherDigest);

        Assert.That(World.Execs.Select(call => call.Pod), Has.None.EqualTo(Server + "-0"));
    }

    /// <summary>A pod that went with its node may have been primary; the one that follows it cannot say so.</summary>
    [Test]
    public async Task An_image_that_cannot_be_pulled_again_hides_what_an_earlier_pod_has_recorded()
    {
        await World.DeployAsync();
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.ImagePullFailure("unauthorized"));
        var made = World.Cluster.State.Get<V1StatefulSet>(Space, Server)!.CreationTimestamp();
        do
        {
            await World.Kubectl.ForceDeletePodAsync(World.Access, Server + "-0", default);
            await World.Cluster.State.WaitForAsync(state => state.Get<V1Pod>(Space, Server + "-0") is not null);
        }
        while (World.Cluster.State.Get<V1Pod>(Space, Server + "-0")?.CreationTimestamp() - made <= TimeSpan.FromSeconds(4)); // one as old as its StatefulSet is the first
        await World.Cluster.State.WaitForAsync(_ => World.Cluster.State.Get<V1Pod>(Space, Server + "-0")?.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff");
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5014").And.Contain("what an earlier pod of the same version has recorded is not known"));
        Assert.That(World.Mutations(), Is.Empty);
    }

    [Test]
    public async Task A_version_whose_pod_is_refused_is_put_right_by_the_next_deployment()
    {
        await World.DeployAsync();
        // Events tell of whole seconds, and this is all of one: that the first pod was made is not kept any more.
        foreach (var made in World.Cluster.State.List<Corev1Event>(Space).Where(item => item.Reason == "SuccessfulCreate"))
            World.Cluster.State.Remove<Corev1Event>(Space, made.Name());
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.QuotaExceeded("exceeded quota: quota"));
        (World.Image, World.AwaitsRollout) = (new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false), false);
        await World.DeployAsync();
        await World.Cluster.State.WaitForAsync(_ => World.Cluster.State.Get<V1Pod>(Space, Server + "-0") is null);
        World.Options = World.Options with { Image = DeployWorld.Digest };

        await World.DeployAsync();
        World.Cluster.Scenario.Clear(Space, Server);
        await World.Cluster.State.WaitForAsync(_ => RunsImage(DeployWorld.Digest));
    }

    private bool RunsImage(string digest) =>
        World.Cluster.State.Get<V1Pod>(Space, Server + "-0")?.Spec.Containers[0].Image.EndsWith(digest, StringComparison.Ordinal) == true;

    /// <summary>Deploys a version of the Server whose container ends again and again, and awaits that.</summary>
    private async Task FailAsync(string digest, int exitCode, params string[] lines)
    {
        // The version before runs on until its pod is replaced.
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.NeverStarts());
        (World.Image, World.AwaitsRollout) = (new ContainerImage($"{DeployWorld.Repository}@{digest}", false, false), false);
        await World.DeployAsync();
        await World.Cluster.State.WaitForAsync(_ => RunsImage(digest));
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.CrashLoop(exitCode, lines));
        await World.Cluster.State.WaitForAsync(_ =>
            RunsImage(digest) && World.Cluster.State.Get<V1Pod>(Space, Server + "-0")!.Status.ContainerStatuses?[0] is { RestartCount: > 0, State.Waiting.Reason: "CrashLoopBackOff" });
    }

    /// <summary>The next pod fares well; one of the failed version holds it up until it is deleted.</summary>
    private async Task StartAnewAsync(string digest)
    {
        World.Cluster.Scenario.Clear(Space, Server);
        World.Cluster.State.Remove<V1Pod>(Space, Server + "-0");
        await World.Cluster.State.WaitForAsync(_ => RunsImage(digest));
    }
}
