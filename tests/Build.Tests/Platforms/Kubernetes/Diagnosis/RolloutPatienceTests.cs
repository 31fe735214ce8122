using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using NUnit.Framework;
using Kind = Ambrosia.Build.Platforms.Kubernetes.Diagnosis.RolloutProblemKind;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

public sealed class RolloutPatienceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Startup = TimeSpan.FromHours(1);

    [Test]
    public void What_is_in_progress_is_waited_for_until_the_deadline()
    {
        var patience = new RolloutPatience(Deadline, Startup);

        Assert.That(At(patience, 0, Kind.InProgress), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 899, Kind.InProgress), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 900, Kind.InProgress), Is.EqualTo(new RolloutDecision.Fail("not within 15:00")));
    }

    [Test]
    public void A_missing_tag_fails_once_the_clusters_view_has_settled()
    {
        var patience = new RolloutPatience(Deadline, Startup);

        Assert.That(At(patience, 5, Kind.ImageNotFound), Is.InstanceOf<RolloutDecision.Wait>(), "it may be the former pod's");
        Assert.That(At(patience, 15, Kind.ImageNotFound), Is.EqualTo(new RolloutDecision.Fail("it will not come right by itself")));
    }

    /// <summary>The registry or a mirror may just be starting; after a few tries it is the name.</summary>
    [TestCase(Kind.RegistryOnNode)]
    [TestCase(Kind.RegistryWithoutTls)]
    public void A_registry_that_no_node_will_reach_is_waited_for_a_minute(Kind kind)
    {
        var patience = new RolloutPatience(Deadline, Startup);

        Assert.That(At(patience, 0, kind), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 59, kind), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 60, kind), Is.EqualTo(new RolloutDecision.Fail("it will not come right by itself")));
    }

    [Test]
    public void A_problem_that_went_away_and_came_back_is_a_new_one()
    {
        var patience = new RolloutPatience(Deadline, Startup);
        At(patience, 0, Kind.ImageNotFound);
        patience.Decide([], TimeSpan.FromSeconds(8));

        Assert.That(At(patience, 12, Kind.ImageNotFound), Is.InstanceOf<RolloutDecision.Wait>());
    }

    [Test]
    public void A_refused_pull_is_not_yet_and_its_pod_is_replaced_now_and_then()
    {
        var patience = new RolloutPatience(Deadline, Startup);
        var decisions = Enumerable.Range(0, 150).Select(second => (Second: second, Decision: At(patience, second, Kind.PullRefused)))
            .Where(step => step.Decision is not RolloutDecision.Wait).ToList();

        Assert.That(decisions.Select(step => (step.Second, step.Decision is RolloutDecision.Replace { Pod: Shapes.Pod })), Is.EqualTo(new[] { (60, true), (120, true) }));
        Assert.That(At(patience, 899, Kind.PullRefused), Is.InstanceOf<RolloutDecision.Replace>());
        Assert.That(At(patience, 900, Kind.PullRefused), Is.InstanceOf<RolloutDecision.Fail>());
    }

    [Test]
    public void A_broken_pod_of_the_former_deployment_is_moved_out_of_the_way_unless_the_controller_does_it_first()
    {
        var patience = new RolloutPatience(Deadline, Startup);

        Assert.That(At(patience, 3, Kind.BlockedByOldPod), Is.InstanceOf<RolloutDecision.Wait>(), "the controller may be about to");
        Assert.That(At(patience, 13, Kind.BlockedByOldPod), Is.EqualTo(new RolloutDecision.Replace(Shapes.Pod, "uid", "cause")));
        Assert.That(At(patience, 14, Kind.BlockedByOldPod), Is.InstanceOf<RolloutDecision.Wait>(), "it is ending");
    }

    [Test]
    public void A_crash_loop_is_given_a_few_lives_and_no_more()
    {
        var patience = new RolloutPatience(Deadline, Startup);

        Assert.That(At(patience, 0, Kind.CrashLoop), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 119, Kind.CrashLoop), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 120, Kind.CrashLoop), Is.InstanceOf<RolloutDecision.Fail>());
    }

    [Test]
    public void What_events_alone_tell_is_believed_only_after_minutes()
    {
        var patience = new RolloutPatience(Deadline, Startup);
        RolloutDecision Told(int seconds) => patience.Decide([Problem(Kind.MountRefused) with { IsFromEvents = true }], TimeSpan.FromSeconds(seconds));

        Assert.That(Told(0), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(Told(179), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(Told(180), Is.EqualTo(new RolloutDecision.Fail("it will not come right by itself")));
    }

    [Test]
    public void A_start_is_waited_for_as_long_as_its_probe_allows()
    {
        var patience = new RolloutPatience(Deadline, Startup);
        RolloutDecision Starting(int seconds) => patience.Decide([Problem(Kind.InProgress) with { IsStarting = true }], TimeSpan.FromSeconds(seconds));

        Assert.That(Starting(900), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(Starting(3599), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(Starting(3600), Is.EqualTo(new RolloutDecision.Fail("not within 1:00:00")));
    }

    [Test]
    public void A_start_beside_another_trouble_is_waited_for_no_longer_than_the_deadline() => Assert.That(
        new RolloutPatience(Deadline, Startup).Decide([Problem(Kind.InProgress) with { IsStarting = true }, Problem(Kind.Unschedulable)], Deadline),
        Is.InstanceOf<RolloutDecision.Fail>());

    [Test]
    public void What_cannot_be_seen_is_not_judged()
    {
        var patience = new RolloutPatience(Deadline, Startup);
        At(patience, 0, Kind.BlockedByOldPod);

        Assert.That(patience.DecideUnseen(TimeSpan.FromSeconds(30)), Is.InstanceOf<RolloutDecision.Wait>());
        Assert.That(At(patience, 35, Kind.BlockedByOldPod), Is.InstanceOf<RolloutDecision.Wait>(), "it is looked at anew");
        Assert.That(patience.DecideUnseen(Startup), Is.InstanceOf<RolloutDecision.Fail>());
    }

    private static RolloutDecision At(RolloutPatience patience, int seconds, Kind kind) =>
        patience.Decide([Problem(kind)], TimeSpan.FromSeconds(seconds));

    private static RolloutProblem Problem(Kind kind) => new(Shapes.Instance, Shapes.Pod, kind, "what", "cause", "cure", []) { PodUid = "uid" };
}
