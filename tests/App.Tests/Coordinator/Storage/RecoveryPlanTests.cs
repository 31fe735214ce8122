using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

[Parallelizable]
public class RecoveryPlanTests
{
    [Test]
    public void An_empty_directory_is_a_first_start()
    {
        var plan = Decide([], []);

        Assert.That(plan.Checkpoint, Is.Null);
        Assert.That((plan.NextSequence, plan.Epoch), Is.EqualTo((0L, 1)));
        Assert.That(plan.Replay, Is.Empty);
    }

    [Test]
    public void A_start_that_died_before_its_first_checkpoint_is_begun_again()
    {
        var plan = Decide([], [Log(0, 0)], "unfinished.log");

        Assert.That(plan.Checkpoint, Is.Null);
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0-1.log", "unfinished.log" }));
    }

    [Test]
    public void A_restart_replays_from_the_checkpoint_on_and_deletes_what_lies_before()
    {
        var plan = Decide([Sound(10, epoch: 2)], [Log(14, 20, epoch: 3), Log(0, 10), Log(10, 14, epoch: 2)]);

        Assert.That(plan.Checkpoint!.NextSequence, Is.EqualTo(10));
        Assert.That(Names(plan.Replay), Is.EqualTo(new[] { "10-2.log", "14-3.log" }));
        Assert.That((plan.NextSequence, plan.Epoch), Is.EqualTo((20L, 4)));
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0-1.log" }));
        Assert.That(plan.Cut, Is.Empty);
    }

    [Test]
    public void A_torn_tail_is_cut_and_the_next_epoch_goes_on_from_there()
    {
        var plan = Decide([Sound(0)], [Log(0, 5, end: LogEnd.Torn)]);

        Assert.That(plan.Cut, Is.EqualTo(new[] { ("0-1.log", 1005L) }));
        Assert.That(plan.NextSequence, Is.EqualTo(5));
    }

    [Test]
    public void A_torn_tail_followed_by_the_log_of_a_later_epoch_is_still_a_torn_tail()
    {
        var plan = Decide([Sound(0)], [Log(0, 5, end: LogEnd.Torn), Log(5, 9, epoch: 2)]);

        Assert.That(Names(plan.Replay), Is.EqualTo(new[] { "0-1.log", "5-2.log" }));
        Assert.That(plan.NextSequence, Is.EqualTo(9));
    }

    [Test]
    public void A_torn_tail_that_the_checkpoint_covers_is_deleted_and_not_cut()
    {
        var plan = Decide([Sound(5)], [Log(0, 5, end: LogEnd.Torn)]);

        Assert.That(plan.Cut, Is.Empty);
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0-1.log" }));
    }

    [Test]
    public void A_crash_between_a_new_log_and_its_checkpoint_replays_both_logs()
    {
        var plan = Decide([Sound(0)], [Log(0, 5), Log(5, 5)]);

        Assert.That(plan.Checkpoint!.NextSequence, Is.Zero);
        Assert.That(plan.NextSequence, Is.EqualTo(5));
        Assert.That(plan.Replay.Sum(log => log.NextSequence - log.FirstSequence), Is.EqualTo(5));
    }

    [Test]
    public void Watermarks_in_a_log_without_records_are_not_lost()
    {
        // The number by which a peer's count was shifted is recorded once, perhaps right behind a checkpoint.
        var plan = Decide([Sound(5)], [Log(0, 5), Log(5, 5, epoch: 2, outputs: new Watermark("peer", 10, 10))]);

        Assert.That(plan.Replay.SelectMany(log => log.Outputs.Values), Is.EqualTo(new[] { new Watermark("peer", 10, 10) }));
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0-1.log" }));
        Assert.That(plan.NextSequence, Is.EqualTo(5));
    }

    [Test]
    public void A_crash_before_the_old_checkpoint_was_deleted_starts_from_the_new_one()
    {
        var plan = Decide([Sound(0), Sound(5)], [Log(0, 5), Log(5, 7)]);

        Assert.That(plan.Checkpoint!.NextSequence, Is.EqualTo(5));
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0.checkpoint", "0-1.log" }));
    }

    [Test]
    public void An_unsound_newest_checkpoint_is_passed_over_while_the_logs_from_the_older_one_are_there()
    {
        var plan = Decide([Sound(0), Unsound(5)], [Log(0, 5), Log(5, 7)]);

        Assert.That(plan.Checkpoint!.NextSequence, Is.Zero);
        Assert.That(plan.NextSequence, Is.EqualTo(7));
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "5.checkpoint" }));
    }

    [Test]
    public void An_unsound_newest_checkpoint_without_the_logs_before_it_is_refused()
    {
        Refused(Codes.CheckpointCorrupted, [Sound(0), Unsound(5)], [Log(5, 7)]);
        Refused(Codes.CheckpointCorrupted, [Sound(0), Unsound(5)], [Log(0, 4), Log(5, 7)]);
        Refused(Codes.CheckpointCorrupted, [Sound(0), Unsound(5)], [Log(0, 4)]);
        Refused(Codes.CheckpointCorrupted, [Unsound(5)], [Log(0, 5), Log(5, 7)]);
        Refused(Codes.CheckpointCorrupted, [Unsound(0)], []);
    }

    [Test]
    public void Records_without_any_checkpoint_are_refused() => Refused(Codes.CheckpointCorrupted, [], [Log(0, 1)]);

    [Test]
    public void A_missing_log_is_refused()
    {
        Refused(Codes.LogCorrupted, [Sound(5)], [Log(6, 7)]);
        Refused(Codes.LogCorrupted, [Sound(5)], [Log(5, 7), Log(8, 9)]);
        Refused(Codes.LogCorrupted, [Sound(5)], [Log(5, 7), Log(9, 9)]);
    }

    [Test]
    public void A_damaged_acknowledged_record_is_refused()
    {
        Refused(Codes.LogCorrupted, [Sound(0)], [Log(0, 3, end: LogEnd.Damaged)]);
        Refused(Codes.LogCorrupted, [Sound(3)], [Log(3, 3, end: LogEnd.Damaged)]);
        Refused(Codes.LogCorrupted, [Sound(0)], [Log(0, 3), Log(3, 5, epoch: 2, end: LogEnd.Damaged)]);
    }

    [Test]
    public void Damage_before_the_checkpoint_does_not_matter()
    {
        var plan = Decide([Sound(5)], [Log(0, 3, end: LogEnd.Damaged), Log(5, 7)]);

        Assert.That(Names(plan.Replay), Is.EqualTo(new[] { "5-1.log" }));
    }

    [Test]
    public void Anothers_files_are_refused()
    {
        var foreign = LogFile.Identity with { Instance = "job" };
        Refused(Codes.OtherInstance, [Sound(0, identity: foreign)], []);
        Refused(Codes.OtherInstance, [Sound(0)], [Log(0, 1, identity: foreign)]);
    }

    [TestCase("Server", 2, "Run Server with --state-version 2")]
    [TestCase("Other", 1, "Run Other")]
    public void Files_of_another_state_version_or_app_are_refused_with_the_way_out(string app, int version, string wayOut)
    {
        var other = LogFile.Identity with { App = app, StateVersion = version };
        var error = Refused(Codes.OtherStateVersion, [Sound(0, identity: other)], []);

        Assert.That(error.Fix, Does.StartWith(wayOut));
    }

    [Test]
    public void The_epoch_is_above_every_epoch_seen()
    {
        Assert.That(Decide([Sound(0, epoch: 9)], [Log(0, 1, epoch: 3)]).Epoch, Is.EqualTo(10));
        Assert.That(Decide([Sound(0, epoch: 1)], [Log(0, 1, epoch: 3)]).Epoch, Is.EqualTo(4));
    }

    [Test]
    public void What_a_cut_off_owner_wrote_after_the_next_epoch_began_does_not_count()
    {
        // Epoch 2 began at record 5 with a checkpoint. Epoch 1 woke up later, and wrote records 5 and 6 and a new log.
        var plan = Decide([Sound(5, epoch: 2)], [Log(0, 7), Log(5, 6), Log(5, 9, epoch: 2)]);

        Assert.That(Names(plan.Replay), Is.EqualTo(new[] { "5-2.log" }));
        Assert.That(plan.NextSequence, Is.EqualTo(9));
        Assert.That(plan.Delete, Is.EquivalentTo(new[] { "0-1.log", "5-1.log" }));
    }

    [Test]
    public void What_a_cut_off_owner_damaged_in_its_own_log_does_not_matter() =>
        Assert.That(Decide([Sound(5, epoch: 2)], [Log(0, 5, end: LogEnd.Damaged), Log(5, 9, epoch: 2)]).NextSequence, Is.EqualTo(9));

    [Test]
    public void Of_two_checkpoints_of_the_same_records_the_one_of_the_later_epoch_counts() =>
        Assert.That(Decide([Sound(5, epoch: 1), Sound(5, epoch: 2)], [Log(0, 7), Log(5, 9, epoch: 2)]).Checkpoint!.Header!.Epoch, Is.EqualTo(2));

    private static FoundCheckpoint Sound(long next, int epoch = 1, LogIdentity? identity = null) =>
        new($"{next}.checkpoint", next, new CheckpointHeader(identity ?? LogFile.Identity, epoch, next, null, [], []));

    private static FoundCheckpoint Unsound(long next) => new($"{next}.checkpoint", next, null);

    private static ScannedLog Log(
        long first, long next, int epoch = 1, LogEnd end = LogEnd.Clean, LogIdentity? identity = null, params Watermark[] outputs) => new(
        $"{first}-{epoch}.log", identity ?? LogFile.Identity, epoch, first, next, 60, 1000 + next, 1000 + next + (end == LogEnd.Clean ? 0 : 9), end,
        new Dictionary<string, Watermark>(), outputs.ToDictionary(mark => mark.Name));

    private static string[] Names(IEnumerable<ScannedLog> logs) => [.. logs.Select(log => log.Path)];

    private static RecoveryPlan Decide(FoundCheckpoint[] checkpoints, ScannedLog[] logs, params string[] unreadable) =>
        RecoveryPlan.Decide("srv", "Server", 1, checkpoints, logs, unreadable);

    private static CoordinatorException Refused(int code, FoundCheckpoint[] checkpoints, ScannedLog[] logs)
    {
        var error = Assert.Throws<CoordinatorException>(() => Decide(checkpoints, logs))!;
        Assert.That((error.Code, error.ExitCode), Is.EqualTo((code, ExitCodes.NeedsPerson)));
        return error;
    }
}
