using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Following;

public sealed class PodStateTests
{
    [Test]
    public void A_container_between_two_lives_shows_how_the_last_one_ended()
    {
        var state = Read(Shapes.PodWith("Running", Shapes.BackOff(137, "OOMKilled")));

        Assert.That((state.IsRunning, state.IsBackingOff, state.Restarts), Is.EqualTo((false, true, 3)));
        Assert.That(state.Former, Is.EqualTo(new ContainerEnd(137, "OOMKilled", new DateTimeOffset(2026, 3, 4, 5, 5, 1, TimeSpan.Zero))));
    }

    [Test]
    public void A_pod_without_container_statuses_waits() =>
        Assert.That(Read(Shapes.Unscheduled("no")), Is.EqualTo(new PodState(Shapes.Pod, Shapes.Uid(Shapes.Pod), "Pending", 0, false, false, false, null, null, null, null, "node1")));

    [Test]
    public void Another_pod_of_the_same_name_is_another_life()
    {
        var state = Read(Shapes.PodWith("Running", """ "state":{"running":{}} """));

        Assert.That(state.IsSameLife(state), Is.True);
        Assert.That(state.IsSameLife(state with { Uid = "another" }), Is.False);
        Assert.That(state.IsSameLife(state with { Restarts = 1 }), Is.False);
        Assert.That(state.IsSameLife(null), Is.False);
    }

    private static PodState Read(string pod) => PodState.All(ClusterObjects.Parse(pod)).Single();
}
