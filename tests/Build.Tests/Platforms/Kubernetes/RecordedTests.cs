using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class RecordedTests
{
    private const string Started = "[coordinator] App started: pid 7\n";
    private const string Nothing = "[coordinator] Recovering: 0 log records to replay, epoch 4.\n";
    private const string Something = "[coordinator] Recovering: 12 log records to replay, epoch 4.\n";
    private const string Primary = "[coordinator] Ready: primary after 0.12 s, 0 log records replayed, epoch 4.\n";
    private const string AppFailed = "[coordinator] ERROR AMB5109: The app exited with code 7.\n";
    private const string Locked = "[coordinator] ERROR AMB5102: The log is locked.\n";

    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public void A_pod_without_a_life_has_recorded_nothing()
    {
        var unscheduled = new V1Pod { Status = new V1PodStatus() };
        Assert.Multiple(() =>
        {
            Assert.That(Recorded.FromStatus(unscheduled)!.Kind, Is.EqualTo(RecordedKind.NotByThisPod));
            Assert.That(Recorded.FromStatus(Pod(0, running: false, ended: null))!.Kind, Is.EqualTo(RecordedKind.NotByThisPod));
        });
    }

    [Test]
    public void A_life_leaves_it_to_its_coordinator_to_tell() => Assert.Multiple(() =>
    {
        Assert.That(Recorded.FromStatus(Pod(0, running: true, ended: null)), Is.Null);
        Assert.That(Recorded.FromStatus(Pod(0, running: false, ended: 1)), Is.Null);
        Assert.That(Recorded.FromStatus(Pod(3, running: false, ended: 1)), Is.Null);
    });

    [Test]
    public void A_log_that_the_last_life_found_at_a_checkpoint_is_at_one_still() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(9, running: false, ended: 75), null, Nothing + Started + AppFailed), Is.EqualTo(RecordedKind.NothingAtAll));
        Assert.That(Kind(Pod(9, running: true, ended: 75), Nothing, Nothing + Primary + AppFailed), Is.EqualTo(RecordedKind.NothingAtAll), "what the life before recorded was in its last checkpoint");
    });

    [Test]
    public void A_log_with_more_than_its_checkpoint_is_not() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(0, running: true, ended: null), Something + Started, null), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(9, running: true, ended: 75), Something, Nothing + Primary + AppFailed), Is.EqualTo(RecordedKind.Possible));
    });

    /// <summary>So short a life that neither probe nor controller saw it.</summary>
    [Test]
    public void A_life_that_was_primary_may_have_recorded_something() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(1, running: false, ended: 75), null, Nothing + Started + Primary + AppFailed), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(1, running: true, ended: 75), "", Nothing + Started + Primary + AppFailed), Is.EqualTo(RecordedKind.Possible), "and the next one has said nothing yet");
        Assert.That(Kind(Pod(0, running: true, ended: null), Nothing + Primary, null), Is.EqualTo(RecordedKind.Possible));
    });

    /// <summary>Of a coordinator that does not say yet what it has to replay.</summary>
    [Test]
    public void Lives_that_are_all_seen_and_were_never_primary_have_recorded_nothing() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(0, running: true, ended: null), Started, null), Is.EqualTo(RecordedKind.NotByThisPod));
        Assert.That(Kind(Pod(1, running: true, ended: 75), Started, Started + AppFailed), Is.EqualTo(RecordedKind.NotByThisPod));
        Assert.That(Kind(Pod(1, running: true, ended: 75), Started, null), Is.EqualTo(RecordedKind.Possible), "one that cannot be read");
        Assert.That(Kind(Pod(1, running: false, ended: 75), null, Started + AppFailed), Is.EqualTo(RecordedKind.Possible), "one that is not shown any more");
        Assert.That(Kind(Pod(4, running: true, ended: 75), Locked, Locked), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(0, running: true, ended: null), "", null), Is.EqualTo(RecordedKind.NotByThisPod), "one that has said nothing yet");
    });

    /// <summary>The kubelet begins a new file when one is full, and shows the newest alone.</summary>
    [Test]
    public void A_life_whose_first_lines_are_not_shown_any_more_may_have_been_primary() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(0, running: true, ended: null), "Service Received 90 MB so far\n", null), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(1, running: true, ended: 75), Started, "Service Received 90 MB so far\n" + AppFailed), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(0, running: true, ended: null), Started + "Hello from the app\n", null), Is.EqualTo(RecordedKind.NotByThisPod), "here they are");
    });

    /// <summary>What the container says that runs now tells nothing of how the one before ended.</summary>
    [Test]
    public void An_end_is_judged_by_the_words_of_the_life_that_ended() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(1, running: true, ended: 75), "", null), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(9, running: true, ended: 75), "", Locked), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(9, running: true, ended: 1), "", "exec format error\n"), Is.EqualTo(RecordedKind.NotByThisPod));
    });

    [Test]
    public void A_pod_that_was_ready_once_was_primary_then() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(1, running: true, ended: 75, unreadySince: 30), Started, Started), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(1, running: true, ended: 75, unreadySince: 1), Started, Started), Is.EqualTo(RecordedKind.NotByThisPod), "a second's end lay between");
    });

    [Test]
    public void What_ends_every_life_alike_has_ended_the_first_one_too() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(9, running: false, ended: 64), null, "[coordinator] ERROR AMB5111: There is no option --colour.\n"), Is.EqualTo(RecordedKind.NotByThisPod));
        Assert.That(Kind(Pod(9, running: false, ended: 128, reason: "StartError", message: "exec: \"x\": executable file not found in $PATH"), null, ""), Is.EqualTo(RecordedKind.NotByThisPod));
        Assert.That(Kind(Pod(9, running: false, ended: 1), null, "exec format error\n"), Is.EqualTo(RecordedKind.NotByThisPod));
        Assert.That(
            Kind(Pod(9, running: false, ended: 78), null, "[coordinator] ERROR AMB5108: It was written by Job; this is Server.\n"), Is.EqualTo(RecordedKind.NotByThisPod));
    });

    [Test]
    public void What_ends_one_life_says_nothing_of_the_first_one() => Assert.Multiple(() =>
    {
        Assert.That(Kind(Pod(9, running: false, ended: 137), null, ""), Is.EqualTo(RecordedKind.Possible), "killed");
        Assert.That(Kind(Pod(9, running: false, ended: 134), null, "Unhandled exception.\n"), Is.EqualTo(RecordedKind.Possible));
        Assert.That(Kind(Pod(9, running: false, ended: 1), null, null), Is.EqualTo(RecordedKind.Possible), "not readable");
        Assert.That(Kind(Pod(9, running: false, ended: 128, reason: "StartError", message: "container init was OOM-killed"), null, ""), Is.EqualTo(RecordedKind.Possible));
    });

    private static RecordedKind Kind(V1Pod pod, string? current, string? previous) => Recorded.FromWords(pod, current, previous).Kind;

    /// <param name="ended">Exit code of the life in lastState; null for none.</param>
    /// <param name="unreadySince">Seconds after the start.</param>
    private static V1Pod Pod(int restarts, bool running, int? ended, string reason = "Error", string? message = null, int unreadySince = 0) => new()
    {
        Status = new V1PodStatus
        {
            StartTime = Start,
            Conditions = [new V1PodCondition { Type = "Ready", Status = "False", LastTransitionTime = Start.AddSeconds(unreadySince) }],
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = Naming.Container, Image = "", ImageID = "", RestartCount = restarts, Started = false,
                    State = running
                        ? new V1ContainerState { Running = new V1ContainerStateRunning() }
                        : new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "CrashLoopBackOff" } },
                    LastState = ended is { } code
                        ? new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = code, Reason = reason, Message = message } }
                        : new V1ContainerState(),
                },
            ],
        },
    };
}
