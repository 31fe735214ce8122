using System.Text;
using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

[Parallelizable]
public class OutputQueueTests
{
    private const long NoLimit = 1L << 40;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private TemporaryDirectory _directory = null!;
    private OutputQueue _queue = null!;

    [SetUp]
    public void MakeQueue()
    {
        _directory = new TemporaryDirectory();
        _queue = New(NoLimit);
    }

    [TearDown]
    public void DisposeQueue()
    {
        _queue.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void A_fresh_pair_sends_from_the_first_message_on()
    {
        Send("a", "b", "!c", "d");

        Assert.That(From(1, 1), Is.EqualTo(new[] { "a", "b", "!c", "d" }));
        Assert.That((_queue.LastSequence, _queue.LastReplayable, _queue.Base), Is.EqualTo((4L, 3L, 0L)));
    }

    [Test]
    public void Nothing_is_seen_before_it_is_published()
    {
        Put("a");
        Assert.That(_queue.ReplayFrom(1, 1, out var cursor), Is.EqualTo(ReplayAnswer.Continue));
        Assert.That(_queue.Next(ref cursor, TimeSpan.Zero), Is.Null);
        _queue.Publish();
        Assert.That(Drain(ref cursor), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_waiting_sender_is_woken_by_the_next_message()
    {
        _queue.ReplayFrom(1, 1, out var cursor);
        var waiting = Task.Run(() => _queue.Next(ref cursor, Deadline) is { } segment ? segment.Count : 0);
        Send("a");

        Assert.That(await waiting.WaitAsync(Deadline), Is.EqualTo(1));
    }

    [Test]
    public void A_receiver_that_crashed_is_sent_again_what_it_had_not_logged()
    {
        Send("a", "b", "!c", "!d", "e");
        From(1, 1);

        Assert.Multiple(() =>
        {
            Assert.That(From(2, 2), Is.EqualTo(new[] { "b", "!c", "!d", "e" }));
            Assert.That(From(3, 3), Is.EqualTo(new[] { "!c", "!d", "e" }));
            Assert.That(From(4, 3), Is.EqualTo(new[] { "!d", "e" }), "between two Impulses");
            Assert.That(From(5, 3), Is.EqualTo(new[] { "e" }));
            Assert.That(From(6, 4), Is.Empty);
        });
    }

    [Test]
    public void An_acknowledgement_frees_whole_chunks_and_the_rest_can_be_had_again()
    {
        Send([.. Enumerable.Range(1, 9).Select(i => Big(i, 100_000))]);
        From(1, 1);

        _queue.Acknowledge(7, 7);

        Assert.That(_queue.UnacknowledgedMessages, Is.EqualTo(2));
        Assert.That(_queue.AcknowledgedReplayable, Is.EqualTo(7));
        Assert.That(From(8, 8).Select(Number), Is.EqualTo(new[] { 8, 9 }));
    }

    [Test]
    public void An_acknowledgement_before_the_receivers_own_count_was_heard_means_nothing()
    {
        Send("a", "b");
        _queue.Acknowledge(2, 2);

        Assert.That(_queue.AcknowledgedReplayable, Is.Zero);
    }

    [Test]
    public void A_receiver_that_asks_for_acknowledged_messages_has_lost_its_log()
    {
        Send([.. Enumerable.Range(1, 9).Select(i => Big(i, 100_000))]);
        From(1, 1);
        _queue.Acknowledge(7, 7);

        Assert.That(_queue.ReplayFrom(1, 1, out _), Is.EqualTo(ReplayAnswer.ReceiverLostMessages));
    }

    [Test]
    public void A_receiver_that_holds_more_than_was_sent_shows_that_the_sender_lost_its_log()
    {
        Send("a");
        From(1, 1);

        Assert.That(_queue.ReplayFrom(9, 9, out _), Is.EqualTo(ReplayAnswer.SenderLostMessages));
    }

    [Test]
    public void A_receiver_that_remembers_an_older_existence_goes_on_counting()
    {
        Send("a", "!b", "c");

        Assert.That(From(31, 21), Is.EqualTo(new[] { "a", "!b", "c" }));
        Assert.That((_queue.Base, _queue.LastSequence, _queue.LastReplayable), Is.EqualTo((20L, 33L, 22L)));
        Send("d");
        Assert.That(From(33, 22), Is.EqualTo(new[] { "c", "d" }), "the same receiver again");
        _queue.Acknowledge(34, 23);
        Assert.That(_queue.UnacknowledgedMessages, Is.Zero);
    }

    [Test]
    public void A_renumbered_stream_survives_a_restart_with_its_recorded_base()
    {
        Send("a", "!b", "c");
        From(31, 21);
        var restored = Restore(Checkpoint(), recordedBase: 20);

        Assert.That(restored.LastReplayable, Is.EqualTo(22));
        Assert.That(Take(restored, 31, 21), Is.EqualTo(new[] { "a", "c" }));
    }

    [Test]
    public void A_checkpoint_from_before_the_renumbering_is_shifted_by_the_recorded_base()
    {
        Send("a", "b");
        var checkpoint = Checkpoint();
        Assert.That(checkpoint.State.Base, Is.Zero);
        var restored = Restore(checkpoint, recordedBase: 20);

        Assert.That(Take(restored, 42, 22), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void After_a_restart_lost_impulses_do_not_count()
    {
        Send("a", "!b", "c", "!d", "e");
        From(1, 1);
        var restored = Restore(Checkpoint());

        // The receiver has a, b, c and d: four messages, two of them replayable.
        Assert.That(Take(restored, 5, 3), Is.EqualTo(new[] { "e" }));
        Assert.That((restored.LastSequence, restored.LastReplayable), Is.EqualTo((5L, 3L)));
    }

    [Test]
    public void After_a_restart_the_receivers_acknowledgements_fit_the_new_numbers()
    {
        Send("!a", "!b", Big(1, 200_000), Big(2, 200_000));
        From(1, 1);
        var restored = Restore(Checkpoint());
        Take(restored, 4, 2);
        restored.Acknowledge(3, 1);

        Assert.That(restored.AcknowledgedReplayable, Is.EqualTo(1));
        Assert.That(restored.ReplayFrom(3, 1, out _), Is.EqualTo(ReplayAnswer.ReceiverLostMessages), "the first chunk is gone");
        Assert.That(Take(restored, 4, 2).Select(Number), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void What_the_receiver_is_known_to_hold_is_counted_and_not_kept()
    {
        var restored = Restore((new OutputState("peer", 0, 1, 0, true), []));
        restored.SkipThrough(2);
        Put(restored, "a");
        Put(restored, "b");
        Put(restored, "c");
        restored.Publish();

        Assert.That((restored.LastReplayable, restored.UnacknowledgedMessages), Is.EqualTo((3L, 1L)));
        Assert.That(Take(restored, 3, 3), Is.EqualTo(new[] { "c" }));
    }

    [Test]
    public void A_sender_that_waits_behind_skipped_messages_sees_a_message_bigger_than_a_chunk()
    {
        var restored = Restore((new OutputState("peer", 0, 1, 0, true), []));
        restored.SkipThrough(1);
        Put(restored, "a");
        restored.ReplayFrom(2, 2, out var cursor);
        var big = Big(2, OutputQueue.ChunkSize + 1);
        Put(restored, big);
        restored.Publish();

        Assert.That(Drain(restored, ref cursor), Is.EqualTo(new[] { big }));
    }

    [Test]
    public void A_sender_that_stands_at_the_end_of_an_acknowledged_chunk_goes_on()
    {
        Send(Big(1, 200_000));
        _queue.ReplayFrom(1, 1, out var cursor);
        Drain(ref cursor);
        Send(Big(2, 200_000));
        _queue.Acknowledge(1, 1);
        Assert.That(Drain(ref cursor).Select(Number), Is.EqualTo(new[] { 2 }));
        Send(Big(3, 200_000));
        _queue.Acknowledge(2, 2);

        Assert.That(Drain(ref cursor).Select(Number), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void Messages_of_any_size_go_through()
    {
        string[] all = [Big(1, 10), Big(2, OutputQueue.ChunkSize), Big(3, 3 << 20), Big(4, 1), Big(5, OutputQueue.ChunkSize - 1), Big(6, OutputQueue.ChunkSize + 1)];
        Send(all);

        Assert.That(From(1, 1), Is.EqualTo(all));
    }

    [Test]
    public void Output_that_nobody_takes_is_spilled_and_comes_back()
    {
        using var queue = New(1 << 20);
        string[] all = [.. Enumerable.Range(1, 60).Select(i => Big(i, 60_000))];
        foreach (var text in all)
            Put(queue, text);
        queue.Publish();
        var spilled = new FileInfo(_directory["spill.tmp"]).Length;

        Assert.That(spilled, Is.GreaterThan(1 << 20));
        Assert.That(Take(queue, 1, 1), Is.EqualTo(all));
        Assert.That(Take(queue, 30, 30), Is.EqualTo(all[29..]), "from the middle of a spilled chunk");
        queue.Acknowledge(60, 60);
        Assert.That(new FileInfo(_directory["spill.tmp"]).Length, Is.LessThan(spilled), "the disk is given back");
        Put(queue, "after");
        queue.Publish();
        Assert.That(Take(queue, 61, 61), Is.EqualTo(new[] { "after" }));
    }

    [Test]
    public void A_checkpoint_holds_spilled_output_even_when_it_is_acknowledged_meanwhile()
    {
        using var queue = New(1 << 20);
        string[] all = [.. Enumerable.Range(1, 30).Select(i => Big(i, 100_000))];
        foreach (var text in all)
            Put(queue, text);
        queue.Publish();
        Take(queue, 1, 1);
        var snapshot = queue.Snapshot();
        queue.Acknowledge(30, 30);

        var path = Write(queue, snapshot);

        var restored = Restore(Read(path));
        Assert.That(Take(restored, 1, 1), Is.EqualTo(all));
    }

    [Test]
    public void A_checkpoint_leaves_out_impulses_and_acknowledged_chunks()
    {
        Send([.. Enumerable.Range(1, 5).Select(i => Big(i, 200_000))]);
        Send("!i", "x");
        From(1, 1);
        _queue.Acknowledge(3, 3);
        var checkpoint = Checkpoint();

        Assert.That(checkpoint.State, Is.EqualTo(new OutputState("peer", 6, 4, 0, true)));
        Assert.That(Take(Restore(checkpoint), 4, 4).Select(text => text[..1]), Is.EqualTo(new[] { "4", "5", "x" }));
    }

    [Test]
    public async Task A_full_queue_holds_the_app_back_while_the_receiver_makes_progress()
    {
        // On a busy machine this receiver may be late by more than the usual second.
        using var queue = New(1 << 20, replaying: false, stallTime: Deadline);
        queue.ReplayFrom(1, 1, out _);
        var produced = 0;
        var app = Task.Run(() =>
        {
            for (var i = 1; i <= 40; i++)
            {
                Put(queue, Big(i, 200_000));
                Volatile.Write(ref produced, i);
            }

            queue.Publish();
        });

        // Acknowledgements one by one: a live receiver. What was produced never runs away from them.
        for (var acknowledged = 0; !app.IsCompleted;)
        {
            if (Volatile.Read(ref produced) > acknowledged + 1 && acknowledged < 39)
            {
                acknowledged++;
                queue.Acknowledge(acknowledged, acknowledged);
            }

            await Task.Yield();
        }

        await app;
        Assert.That(File.Exists(_directory["spill.tmp"]), Is.False);
    }

    [Test]
    public async Task An_app_is_not_held_back_by_a_receiver_that_makes_no_progress()
    {
        using var queue = New(1 << 20, replaying: false);
        string[] all = [.. Enumerable.Range(1, 40).Select(i => Big(i, 200_000))];
        await Task.Run(() =>
        {
            foreach (var text in all)
                Put(queue, text);
            queue.Publish();
        }).WaitAsync(Deadline);

        Assert.That(new FileInfo(_directory["spill.tmp"]).Length, Is.GreaterThan(4 << 20));
        Assert.That(Take(queue, 1, 1), Is.EqualTo(all));
    }

    [Test]
    public async Task A_closed_queue_lets_everybody_go()
    {
        using var queue = New(0, replaying: false);
        queue.ReplayFrom(1, 1, out var cursor);
        var sender = Task.Run(() => queue.Next(ref cursor, Timeout.InfiniteTimeSpan));
        queue.Close();

        Assert.That(await sender.WaitAsync(Deadline), Is.Null);
    }

    private static string Big(int number, int length) => $"{number} ".PadRight(length, 'x');

    private static int Number(string text) => int.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A text as an RPC; with an exclamation mark in front it is an Impulse.</summary>
    private static void Put(OutputQueue queue, string text)
    {
        var impulse = text.StartsWith('!');
        var message = Records.Rpc([0, .. Records.Number(1), (byte)(impulse ? RpcType.Impulse : RpcType.Fork), .. Encoding.UTF8.GetBytes(text)]);
        message.CopyTo(queue.Reserve(message.Length));
        queue.Commit(message.Length, !impulse);
    }

    private static string[] Take(OutputQueue queue, long sequence, long replayable)
    {
        Assert.That(queue.ReplayFrom(sequence, replayable, out var cursor), Is.EqualTo(ReplayAnswer.Continue));
        return Drain(queue, ref cursor);
    }

    private static string[] Drain(OutputQueue queue, ref OutputCursor cursor)
    {
        var texts = new List<string>();
        while (queue.Next(ref cursor, TimeSpan.Zero) is { } segment)
        {
            var run = segment.Buffer.AsSpan(segment.Offset, segment.Length);
            var (count, replayable) = (0, 0);
            while (run.Length > 0)
            {
                var n = Messages.First(run, out var impulse);
                count++;
                replayable += impulse ? 0 : 1;
                VarInt.TryRead(run, out int size);
                texts.Add(Encoding.UTF8.GetString(run[(n - size + 4)..n]));
                run = run[n..];
            }

            Assert.That((count, replayable), Is.EqualTo((segment.Count, segment.Replayable)));
            queue.Return(segment);
        }

        return [.. texts];
    }

    private OutputQueue New(long memoryLimit, bool replaying = true, TimeSpan? stallTime = null) =>
        new("peer", new BufferPool(OutputQueue.ChunkSize, 4), memoryLimit, _directory["spill.tmp"], replaying, stallTime);

    private void Put(string text) => Put(_queue, text);

    private void Send(params string[] texts)
    {
        foreach (var text in texts)
            Put(text);
        _queue.Publish();
    }

    private string[] From(long sequence, long replayable) => Take(_queue, sequence, replayable);

    private string[] Drain(ref OutputCursor cursor) => Drain(_queue, ref cursor);

    private (OutputState State, List<byte[]> Blocks) Checkpoint() => Read(Write(_queue, _queue.Snapshot()));

    private string Write(OutputQueue queue, (OutputState State, IReadOnlyList<OutputChunk> Chunks) snapshot)
    {
        var path = _directory["0.checkpoint"];
        using var writer = new CheckpointWriter(path, new CheckpointHeader(Storage.LogFile.Identity, 1, 0, null, [], [snapshot.State]));
        queue.Write(writer, snapshot.Chunks);
        writer.BeginApp([6, 8, 0], 0);
        writer.Finish(toDevice: false);
        writer.Publish(toDevice: false);
        return path;
    }

    private static (OutputState State, List<byte[]> Blocks) Read(string path)
    {
        using var reader = CheckpointReader.TryOpen(path)!;
        var blocks = new List<byte[]>();
        while (reader.ReadBlock() is var (messages, _))
            blocks.Add(messages);
        return (reader.Header.Outputs[0], blocks);
    }

    private OutputQueue Restore((OutputState State, List<byte[]> Blocks) checkpoint, long? recordedBase = null)
    {
        _queue.Dispose();
        _queue = New(NoLimit);
        _queue.Restore(checkpoint.State, recordedBase);
        foreach (var block in checkpoint.Blocks)
            _queue.AppendRun(block);
        return _queue;
    }
}
