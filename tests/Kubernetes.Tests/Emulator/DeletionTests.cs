using System.Collections.Concurrent;
using System.Diagnostics;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class DeletionTests(int minor) : ContractFixture(minor)
{
    // A container takes its pod's whole grace period, which is ten seconds, unless it ends itself.
    protected override EmulatorOptions Options => new()
    {
        Times = TestContext.CurrentContext.Test.Name.Contains("lives_on", StringComparison.Ordinal) ? new PodTimes { Stop = TimeSpan.FromMinutes(1) } : new PodTimes(),
    };

    [Test]
    public async Task A_stateful_set_goes_and_its_pods_after_it_and_its_claims_stay()
    {
        await DeployAsync();
        var result = await Kubectl.RunAsync("delete", "statefulset", "web");
        await Cluster.State.WaitForAsync(state => state.List<V1Pod>("ambrosia").Count == 0);
        Assert.Multiple(() =>
        {
            Assert.That(result.Output, Does.StartWith("statefulset.apps \"web\" deleted"));
            Assert.That(Cluster.State.List<V1PersistentVolumeClaim>("ambrosia").Single().Status.Phase, Is.EqualTo("Bound"));
        });
    }

    [Test]
    public async Task A_deletion_in_the_foreground_waits_for_the_pods()
    {
        await DeployAsync();
        (await Kubectl.RunAsync("delete", "statefulset", "web", "--cascade=foreground")).Check();
        Assert.That(Cluster.State.List<V1Pod>("ambrosia"), Is.Empty);
    }

    [Test]
    public async Task A_pod_that_was_left_behind_belongs_to_the_next_stateful_set_of_that_name()
    {
        await DeployAsync();
        var uid = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid;
        (await Kubectl.RunAsync("delete", "statefulset", "web", "--cascade=orphan")).Check();
        var left = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!;
        await DeployAsync();
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>("ambrosia", "web-0")?.Metadata.OwnerReferences is not null);
        Assert.Multiple(() =>
        {
            Assert.That(left.Metadata.OwnerReferences, Is.Null);
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid, Is.EqualTo(uid));
        });
    }

    [Test]
    public async Task Objects_are_deleted_by_label()
    {
        (await ApplyAsync(Manifests.List(Manifests.Secret(), Manifests.Service(), Manifests.StatefulSet()))).Check();
        var result = await Kubectl.RunAsync("delete", "statefulset,service,secret", "-l", "app.kubernetes.io/part-of=ambrosia", "--timeout=60s");
        var again = await Kubectl.RunAsync("delete", "statefulset,service,secret", "-l", "app.kubernetes.io/part-of=ambrosia");
        Assert.Multiple(() =>
        {
            Assert.That(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(3));
            Assert.That((again.ExitCode, again.Output), Is.EqualTo((0, "No resources found\n")));
            Assert.That(Cluster.State.Get<V1Secret>("ambrosia", "web-secret"), Is.Null);
        });
    }

    [Test]
    public async Task A_pod_deleted_by_force_is_gone_at_once_and_made_anew()
    {
        await DeployAsync();
        var uid = Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid;
        var result = await Kubectl.RunAsync("delete", "pod", "web-0", "--grace-period=0", "--force");
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        Assert.Multiple(() =>
        {
            Assert.That(result.Output, Does.StartWith("pod \"web-0\" force deleted"));
            Assert.That(result.Error, Does.StartWith("Warning: Immediate deletion does not wait for confirmation"));
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Metadata.Uid, Is.Not.EqualTo(uid));
        });
    }

    [Test]
    public async Task What_runs_of_a_pod_deleted_by_force_lives_on_beside_its_successor()
    {
        var lives = new ConcurrentQueue<RunningContainer>();
        Cluster.OnContainerStarted = container =>
        {
            lives.Enqueue(container);
            return Task.CompletedTask;
        };
        await DeployAsync();
        var deleted = Stopwatch.StartNew();
        (await Kubectl.RunAsync("delete", "pod", "web-0", "--grace-period=0", "--force")).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
        await UntilAsync(() => lives.Count == 2);
        var (first, second) = (lives.First(), lives.Last());
        await EndAsync(first.Stopping);
        var livedOn = !first.Life.IsCancellationRequested || deleted.Elapsed >= TimeSpan.FromSeconds(10);
        await EndAsync(first.Life);
        Assert.Multiple(() =>
        {
            Assert.That(livedOn, Is.True);
            Assert.That(deleted.Elapsed, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(10)), "its grace period");
            Assert.That(second.Stopping.IsCancellationRequested, Is.False);
        });
    }

    [Test]
    public async Task What_lives_on_may_end_itself_when_it_is_told_to_stop()
    {
        var lives = new ConcurrentQueue<RunningContainer>();
        Cluster.OnContainerStarted = container =>
        {
            lives.Enqueue(container);
            container.Stopping.Register(() => container.Exit(0));
            return Task.CompletedTask;
        };
        await DeployAsync();
        await UntilAsync(() => lives.Count == 1);
        var deleted = Stopwatch.StartNew();
        (await Kubectl.RunAsync("delete", "pod", "web-0", "--grace-period=0", "--force")).Check();
        await EndAsync(lives.First().Life);
        Assert.That(deleted.Elapsed, Is.LessThan(TimeSpan.FromMinutes(1)));
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
    }

    [Test]
    public async Task A_claim_in_use_waits_for_its_pod()
    {
        await DeployAsync();
        var held = await Kubectl.RunAsync("delete", "pvc", "logs-web-0", "--timeout=1s");
        (await Kubectl.RunAsync("delete", "statefulset", "web")).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1PersistentVolumeClaim>("ambrosia", "logs-web-0") is null);
        await Cluster.State.WaitForAsync(state => state.List<V1PersistentVolume>().Count == 0);
        Assert.That(held.Error, Does.EndWith("error: timed out waiting for the condition on persistentvolumeclaims/logs-web-0\n"));
    }

    [Test]
    public async Task A_namespace_goes_with_all_that_is_in_it()
    {
        await DeployAsync();
        var result = await Kubectl.RunAsync("delete", "namespace", "ambrosia", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            Assert.That(Cluster.State.Get<V1Namespace>("", "ambrosia"), Is.Null);
            Assert.That(Cluster.State.List<V1StatefulSet>(), Is.Empty);
        });
    }

    [Test]
    public async Task A_static_volume_is_released_and_stays()
    {
        (await ApplyAsync(VolumeManifests.List("share"))).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1PersistentVolumeClaim>("ambrosia", "data")?.Status.Phase == "Bound");
        (await Kubectl.RunAsync("delete", "pvc", "data", "--timeout=30s")).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1PersistentVolume>("", "ambrosia-data")!.Status.Phase == "Released");
        var changed = await ApplyAsync(VolumeManifests.List("another-share"));
        var deleted = await Kubectl.RunAsync("delete", "pv", "ambrosia-data", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(changed.Error, Does.StartWith("The PersistentVolume \"ambrosia-data\" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"));
            Assert.That(deleted.ExitCode, Is.Zero, deleted.Error);
        });
    }

    private static async Task EndAsync(CancellationToken token) =>
        await Task.Delay(TimeSpan.FromMinutes(1), token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(20, limit.Token);
    }
}
