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
        Assert.That(NoneSinceDeletion(OfSet("SuccessfulCreate", 0), OfSet("SuccessfulDelete", 10), OfSet("FailedCreate", 11)), Is.True);
        Assert.That(NoneSinceDeletion(OfSet("SuccessfulCreate", 12), OfSet("SuccessfulDelete", 10), OfSet("FailedCreate", 20)), Is.False);
        Assert.That(NoneSinceDeletion(OfSet("SuccessfulCreate", 10), OfSet("SuccessfulDelete", 10)), Is.False, "of one second, nobody knows the order");
        Assert.That(NoneSinceDeletion(OfSet("FailedCreate", 20)), Is.False, "what is not kept any more tells nothing");
        Assert.That(NoneSinceDeletion(OfSet("SuccessfulDelete", 10) with { Uid = "another" }), Is.False);
    });

    [Test]
    public void A_StatefulSet_whose_events_are_all_kept_never_started_a_container_of_which_none_tells() => Assert.Multiple(() =>
    {
        Assert.That(NoneEverStarted(20, OfSet("SuccessfulCreate", 0), OfPod("Failed", 5)), Is.True);
        Assert.That(NoneEverStarted(20, OfSet("SuccessfulCreate", 0), OfPod("Started", 5)), Is.False);
        Assert.That(NoneEverStarted(50, OfSet("SuccessfulCreate", 0), OfPod("Failed", 5)), Is.False, "older than what is kept for certain");
        Assert.That(NoneEverStarted(20, OfPod("Failed", 5)), Is.False, "not even its pod's creation is told of");
    });

    private static bool NoneSinceDeletion(params Told[] events) => PodHistory.NoneSinceDeletion(Set, events.Select(Event));

    private static bool NoneEverStarted(int minutesLater, params Told[] events) => PodHistory.NoneEverStarted(Set, events.Select(Event), Made.AddMinutes(minutesLater));

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
