using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>A pod that takes its time to end, and whose probe fails meanwhile.</summary>
public sealed class EndingPodTests(int minor) : DeploymentFixture(minor)
{
    internal override EmulatorOptions Options => new() { Times = new PodTimes { Stop = TimeSpan.FromSeconds(5) } };

    protected override int Acceleration => 20;

    [Test]
    public async Task Neither_it_nor_its_successor_is_deleted_for_what_its_probe_says(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var former = Cluster.State.Get<V1Pod>(Ns, JobPod)!.Metadata.Uid;
        await ChangeAsync(cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>(Ns, JobPod)?.Metadata.DeletionTimestamp is not null, cancellation: cancellation);
        Cluster.Scenario.Set(Ns, JobPod, new PodBehaviour.ReadinessFailing("connection refused"));
        await Cluster.State.WaitForAsync(
            state => state.List<Corev1Event>(Ns).Any(told => told.Reason == "Unhealthy" && told.InvolvedObject.Uid == former), cancellation: cancellation);
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>(Ns, JobPod) is { } pod && pod.Metadata.Uid != former, cancellation: cancellation);
        Cluster.Scenario.Clear(Ns, JobPod);

        await waiting;

        Assert.That(Cluster.Requests.Where(request => request.Method == "DELETE").Select(request => request.ToString()), Is.Empty);
        Assert.That(Screen.Text, Does.Not.Contain("replaced"));
    }
}
