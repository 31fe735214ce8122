using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class PodHistoryTests
{
    private static readonly DateTime Made = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly V1StatefulSet Set = new() { Metadata = new V1ObjectMeta { Name = "a", Uid = "set", CreationTimestamp = Made } };

    [Test]
    public void A_pod_that_was_deleted_and_not_made_again_has_no_successor() => Assert.Multiple(() =>
    {
        Assert.That(AnyMade(OfSet("SuccessfulCreate", 0), OfSet("SuccessfulDelete", 10), OfSet("FailedCreate", 11)), Is.False);
        Assert.That(AnyMade(OfSet("SuccessfulCreate", 12), OfSet("SuccessfulDelete", 10), OfSet("FailedCreate", 20)), Is.Null);
        Assert.That(AnyMade(OfSet("SuccessfulCreate", 10), OfSet("SuccessfulDelete", 10)), Is.Null, "of one second, nobody knows the order");
        Assert.That(AnyMade(OfSet("FailedCreate", 20)), Is.Null, "what is not kept any more tells nothing");
        Assert.That(AnyMade(OfSet("SuccessfulDelete", 10) with { Uid = "another" }), Is.Null);
    });

    [Test]
    public void Another_pod_of_a_new_version_is_one_that_ran_after_the_former_was_deleted() => Assert.Multiple(() =>
    {
        Assert.That(AnotherRan(OfSet("SuccessfulDelete", 10), OfPod("Started", 12)), Is.True);
        Assert.That(AnotherRan(OfSet("SuccessfulDelete", 10), OfPod("Started", 5)), Is.Null, "the former");
        Assert.That(AnotherRan(OfSet("SuccessfulDelete", 10), OfPod("Started", 12) with { Uid = "this" }), Is.Null, "the pod that is there");
        Assert.That(AnotherRan(OfPod("Started", 12)), Is.Null);
    });

    [Test]
    public void A_StatefulSet_whose_events_are_all_kept_never_ran_a_container_of_which_none_tells() => Assert.Multiple(() =>
    {
        Assert.That(AnyRan(20, OfSet("SuccessfulCreate", 0), OfPod("Failed", 5)), Is.False);
        Assert.That(AnyRan(20, OfSet("SuccessfulCreate", 0), OfPod("Started", 5) with { Uid = "this" }), Is.False, "the pod that is there is asked itself");
        Assert.That(AnyRan(20, OfSet("SuccessfulCreate", 0), OfPod("Started", 5)), Is.Null);
        Assert.That(AnyRan(50, OfSet("SuccessfulCreate", 0), OfPod("Failed", 5)), Is.Null, "older than what is kept for certain");
        Assert.That(AnyRan(20, OfPod("Failed", 5)), Is.Null, "not even its pod's creation is told of");
    });

    /// <summary>Newer clients of the events API leave the older fields out.</summary>
    [Test]
    public void An_event_tells_its_time_in_one_of_several_fields() => Assert.Multiple(() =>
    {
        foreach (var when in (Action<Corev1Event, DateTime>[])
        [
            (item, time) => item.LastTimestamp = time, (item, time) => item.EventTime = time, (item, time) => item.FirstTimestamp = time,
            (item, time) => item.Series = new Corev1EventSeries { LastObservedTime = time }, (item, time) => item.Metadata = new V1ObjectMeta { CreationTimestamp = time },
        ])
        {
            var started = Event(OfPod("Started", 0));
            started.LastTimestamp = null;
            when(started, Made.AddSeconds(12));
            Assert.That(PodHistory.AnotherRanSinceDeletion(Set, Pod(13), [Event(OfSet("SuccessfulDelete", 10)), started]), Is.True);
        }
    });

    [Test]
    public void Without_the_servers_clock_nobody_knows_which_events_are_kept() =>
        Assert.That(PodHistory.AnyRan(Set, Pod(100), [Event(OfSet("SuccessfulCreate", 0))], now: null), Is.Null);

    [Test]
    public void A_pod_as_old_as_its_StatefulSet_is_its_first() =>
        Assert.That(PodHistory.AnyRan(Set, Pod(2), [], Made.AddDays(7)), Is.False);

    private static bool? AnyMade(params Told[] events) => PodHistory.AnyMadeSinceDeletion(Set, events.Select(Event));

    private static bool? AnotherRan(params Told[] events) => PodHistory.AnotherRanSinceDeletion(Set, Pod(13), events.Select(Event));

    private static bool? AnyRan(int minutesLater, params Told[] events) => PodHistory.AnyRan(Set, Pod(100), events.Select(Event), Made.AddMinutes(minutesLater));

    private static V1Pod Pod(int second) => new() { Metadata = new V1ObjectMeta { Name = "a-0", Uid = "this", CreationTimestamp = Made.AddSeconds(second) } };

    private static Told OfSet(string reason, int second) => new("StatefulSet", "a", "set", reason, second);

    private static Told OfPod(string reason, int second) => new("Pod", "a-0", "pod", reason, second);

    private static Corev1Event Event(Told told) => new()
    {
        InvolvedObject = new V1ObjectReference { Kind = told.Kind, Name = told.Name, Uid = told.Uid },
        Reason = told.Reason,
        LastTimestamp = Made.AddSeconds(told.Second),
    };

    private sealed record Told(string Kind, string Name, string Uid, string Reason, int Second);
}
