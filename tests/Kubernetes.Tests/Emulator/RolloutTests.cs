using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class RolloutTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task A_rollout_is_followed_to_its_end()
    {
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        var result = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=30s");
        var waited = await Kubectl.RunAsync("wait", "--for=condition=Ready", "pod/web-0", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.EndWith("partitioned roll out complete: 1 new pods have been updated...\n"));
            Assert.That(waited.Output, Is.EqualTo("pod/web-0 condition met\n"));
        });
    }

    [Test]
    public async Task A_rollout_that_does_not_end_times_out()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.ReadinessFailing("HTTP probe failed with statuscode: 503"));
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        var result = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=1s");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.EqualTo(1));
            Assert.That(result.Output, Does.StartWith("Waiting for 1 pods to be ready...\n"));
            Assert.That(result.Error, Is.EqualTo("error: timed out waiting for the condition\n"));
        });
    }

    [Test]
    public async Task A_rollout_whose_object_is_deleted_fails()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.NeverStarts());
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        using var rollout = Kubectl.Start("rollout", "status", "statefulset/web", "--timeout=30s");
        await rollout.SawAsync("Waiting for 1 pods to be ready...");
        (await Kubectl.RunAsync("delete", "statefulset", "web")).Check();
        var result = await rollout.EndAsync();
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((1, "error: object has been deleted\n")));
    }

    [Test]
    public async Task A_pod_that_never_became_ready_holds_up_the_next_template_until_it_is_deleted()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.ImagePullFailure("401 Unauthorized"));
        (await ApplyAsync(Manifests.StatefulSet(image: "registry.invalid/web:bad").ToJsonString())).Check();
        await Cluster.State.WaitForAsync(state => WaitingReason(state.Get<V1Pod>("ambrosia", "web-0")) == "ImagePullBackOff");
        Cluster.Scenario.Clear("ambrosia", "web");
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        var stuck = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=1s");
        (await Kubectl.RunAsync("delete", "pod", "web-0")).Check();
        var done = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(stuck.ExitCode, Is.EqualTo(1));
            Assert.That(done.ExitCode, Is.Zero, done.Error);
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Spec.Containers[0].Image, Is.EqualTo("registry.invalid/web:1"));
        });
    }

    [Test]
    public async Task Scaling_and_restarting_work_on_the_pods()
    {
        await DeployAsync();
        var uid = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid;
        var restarted = await Kubectl.RunAsync("rollout", "restart", "statefulset/web");
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>("ambrosia", "web-0") is { } pod && pod.Metadata.Uid != uid);
        var mismatch = await Kubectl.RunAsync("scale", "statefulset/web", "--replicas=1", "--current-replicas=5");
        var scaled = await Kubectl.RunAsync("scale", "statefulset/web", "--replicas=0");
        var gone = await Kubectl.RunAsync("wait", "--for=delete", "pod/web-0", "--timeout=30s");
        var empty = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(restarted.Output, Is.EqualTo("statefulset.apps/web restarted\n"));
            Assert.That(mismatch.Error, Is.EqualTo("error: Expected replicas to be 5, was 1\n"));
            Assert.That(scaled.Output, Is.EqualTo("statefulset.apps/web scaled\n"));
            Assert.That(gone.ExitCode, Is.Zero, gone.Error);
            Assert.That(empty.ExitCode, Is.Zero, empty.Error);
            Assert.That(Cluster.State.List<V1PersistentVolumeClaim>("ambrosia"), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task A_deployment_rolls_out_or_exceeds_its_deadline()
    {
        (await ApplyAsync(Manifests.Deployment().ToJsonString())).Check();
        var good = await Kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=30s");
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.ImagePullFailure("not found"));
        (await ApplyAsync(Manifests.Deployment("registry.invalid/web:2", deadline: 1).ToJsonString())).Check();
        var bad = await Kubectl.RunAsync("rollout", "status", "deployment/web", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(good.Output, Does.EndWith("deployment \"web\" successfully rolled out\n"));
            Assert.That((bad.ExitCode, bad.Error), Is.EqualTo((1, "error: deployment \"web\" exceeded its progress deadline\n")));
        });
    }

    private static string? WaitingReason(V1Pod? pod) => pod?.Status.ContainerStatuses?[0].State.Waiting?.Reason;
}
