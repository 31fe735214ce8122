using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Immortality;

public sealed class ClusterKillTests
{
    private const long Total = 1L << 30;

    [Test]
    public void Every_second_kill_deletes_a_pod_and_the_others_end_a_process()
    {
        var plan = ClusterKill.Plan(6, 7, Total, canDrain: false);

        Assert.That(plan.Where(kill => kill.Number % 2 == 0).Select(kill => kill.Kind), Has.All.EqualTo(ClusterKillKind.Pod));
        Assert.That(plan.Where(kill => kill.Number % 2 == 1).Select(kill => kill.Kind), Has.All.EqualTo(ClusterKillKind.App).Or.EqualTo(ClusterKillKind.Coordinator));
        Assert.That(plan.Select(kill => kill.AtBytes), Is.Ordered.And.All.InRange(Total / 20, Total * 9 / 10));
    }

    [Test]
    public void Where_pods_can_go_elsewhere_one_node_is_drained() => Assert.That(
        ClusterKill.Plan(6, 7, Total, canDrain: true).Where(kill => kill.Kind == ClusterKillKind.Drain).Select(kill => kill.Number), Is.EqualTo(new[] { 2 }));

    [Test]
    public void One_kill_ends_a_process() =>
        Assert.That(ClusterKill.Plan(1, 7, Total, canDrain: true).Single().Kind, Is.EqualTo(ClusterKillKind.App).Or.EqualTo(ClusterKillKind.Coordinator));

    [Test]
    public void The_same_seed_chooses_the_same()
    {
        var plan = ClusterKill.Plan(10, 3, Total, canDrain: true);

        Assert.That(ClusterKill.Plan(10, 3, Total, canDrain: true), Is.EqualTo(plan));
        Assert.That(ClusterKill.Plan(10, 4, Total, canDrain: true), Is.Not.EqualTo(plan));
    }

    [Test]
    public void The_kubelets_back_off_is_told_apart_from_the_recovery()
    {
        var kill = new ClusterKill(1, ClusterKillKind.App, OfJob: true, 1);

        Assert.That(new Recovery(kill, "app", TimeSpan.FromSeconds(14.2), TimeSpan.FromSeconds(10)).ToString(), Is.EqualTo("recovered in 4.2 s, after 10.0 s of CrashLoopBackOff"));
        Assert.That(new Recovery(kill, "app", TimeSpan.FromSeconds(4.2), TimeSpan.Zero).ToString(), Is.EqualTo("recovered in 4.2 s"));
    }
}
