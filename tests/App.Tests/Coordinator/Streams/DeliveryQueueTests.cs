using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

[Parallelizable]
public class DeliveryQueueTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Test]
    public void A_small_record_is_copied_and_its_buffer_is_used_again()
    {
        var pool = new BufferPool(1 << 20, 1);
        var queue = new DeliveryQueue(pool, 1 << 20);
        var commit = Commit(pool, 10, 7);
        queue.Enqueue(3, commit, "a.log", 48);

        Assert.That(pool.Rent(), Is.SameAs(commit.Bytes));
        var item = queue.Dequeue()!;
        Assert.That((item.Sequence, item.Length, item.LogPath, item.FilePosition), Is.EqualTo((3L, 34, "a.log", 48L)));
        Assert.That(item.Buffer!.Skip(item.Offset + LogFormat.AppHeaderSize).Take(10), Is.All.EqualTo(7));
    }

    [Test]
    public void Beyond_its_memory_a_record_keeps_only_its_place_in_the_log()
    {
        var pool = new BufferPool(1 << 20, 4);
        var queue = new DeliveryQueue(pool, 2 << 20);
        for (var i = 0; i < 50; i++)
            queue.Enqueue(i, Commit(pool, 500_000, i), "a.log", i);

        Assert.That(queue.Backlog, Is.EqualTo(50L * 500_024));
        var items = new List<DeliveryItem>();
        for (var next = 0L; next < 50; next += items[^1].Count)
        {
            items.Add(queue.Dequeue()!);
            Assert.That(items[^1].Sequence, Is.EqualTo(next), "every record, in order, however many share an item");
        }

        Assert.That(items.Sum(item => item.Length), Is.EqualTo(50L * 500_024));
        Assert.That(items.Sum(item => (long)(item.Buffer?.Length ?? 0)), Is.InRange(1, 2 << 20));
        Assert.That(items.Where(item => item.IsOnDisk).Select(item => (item.LogPath, item.FilePosition)), Is.All.Matches<(string, long)>(place => place.Item1 == "a.log" && place.Item2 > 0));
        foreach (var item in items)
            queue.Delivered(item);
        Assert.That(queue.Backlog, Is.Zero);
        queue.Enqueue(50, Commit(pool, 500_000, 1), "a.log", 50);
        Assert.That(queue.Dequeue()!.Buffer, Is.Not.Null, "the memory was given back");
    }

    [Test]
    public void One_record_bigger_than_all_memory_is_delivered_from_memory_when_nothing_else_waits()
    {
        var pool = new BufferPool(1 << 20, 1);
        var queue = new DeliveryQueue(pool, 1 << 10);
        queue.Enqueue(0, Commit(pool, 500_000, 1), "a.log", 0);

        Assert.That(queue.Dequeue()!.Buffer, Is.Not.Null);
    }

    [Test]
    public void A_request_for_a_checkpoint_keeps_its_place_among_the_records()
    {
        var pool = new BufferPool(1 << 20, 1);
        var queue = new DeliveryQueue(pool, 1 << 20);
        var request = new CheckpointRequest();
        queue.Enqueue(0, Commit(pool, 10, 1), "a.log", 0);
        queue.EnqueueCheckpoint(1, request);
        queue.Enqueue(1, Commit(pool, 10, 1), "a.log", 0);

        Assert.That(queue.Dequeue()!.Checkpoint, Is.Null);
        Assert.That(queue.Dequeue(), Has.Property("Checkpoint").SameAs(request).And.Property("Sequence").EqualTo(1));
        Assert.That(queue.Dequeue()!.Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task A_closed_queue_gives_nothing_and_lets_its_reader_go()
    {
        var queue = new DeliveryQueue(new BufferPool(1 << 20, 1), 1 << 20);
        var reader = Task.Run(queue.Dequeue);
        queue.Close();

        Assert.That(await reader.WaitAsync(Deadline), Is.Null);
    }

    private static CommitBuffer Commit(BufferPool pool, int length, int fill)
    {
        var commit = new CommitBuffer(pool.Rent());
        commit.Append([.. Enumerable.Repeat((byte)fill, length)]);
        return commit;
    }
}
