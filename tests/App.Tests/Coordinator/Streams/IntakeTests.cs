using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

[Parallelizable]
public class IntakeTests
{
    private const int BufferSize = CommitBuffer.PayloadStart + 100;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private InputSource _job = null!;
    private Intake _intake = null!;

    [SetUp]
    public void MakeIntake() => (_job, _intake) = (new InputSource("job"), new Intake(new BufferPool(BufferSize, 2)));

    [Test]
    public void What_came_while_the_writer_was_busy_is_one_commit_with_the_last_watermark_of_each_source()
    {
        var other = new InputSource("other");
        _intake.Append(_job, [1], [2, 3], 5, 4);
        _intake.Append(other, [], [4], 1, 1);
        _intake.Append(_job, [], [5], 2, 0);

        var taken = _intake.Take()!;

        Assert.That(Payload(taken), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
        Assert.That(taken.Inputs, Is.EqualTo(new Watermark[] { new("job", 7, 4), new("other", 1, 1) }));
        Assert.That(_intake.NextOf(_job), Is.EqualTo((8L, 5L)));
    }

    [Test]
    public void The_next_commit_names_only_the_sources_it_contains()
    {
        _intake.Append(_job, [], [1], 1, 1);
        _intake.Take();
        _intake.Append(new InputSource("other"), [], [2], 1, 1);

        Assert.That(_intake.Take()!.Inputs, Is.EqualTo(new Watermark[] { new("other", 1, 1) }));
    }

    [Test]
    public async Task A_source_that_finds_the_buffer_full_waits_for_the_writer_alone()
    {
        _intake.Append(_job, [], new byte[80], 1, 1);
        var waiting = Task.Run(() => _intake.Append(_job, [], new byte[80], 1, 1));
        Assert.That(_intake.NextOf(_job).Sequence, Is.EqualTo(2), "nothing of it is counted yet");

        Assert.That(_intake.Take()!.PayloadLength, Is.EqualTo(80));
        Assert.That(await waiting.WaitAsync(Deadline), Is.True);
        Assert.That(_intake.Take()!.PayloadLength, Is.EqualTo(80));
    }

    [Test]
    public void One_message_bigger_than_a_buffer_is_a_commit_of_its_own()
    {
        var big = Enumerable.Range(0, 1000).Select(i => (byte)i).ToArray();
        _intake.Append(_job, [], big, 1, 1);

        Assert.That(Payload(_intake.Take()!), Is.EqualTo(big));
    }

    [Test]
    public async Task A_waiting_writer_is_woken_by_the_first_message()
    {
        var writer = Task.Run(_intake.Take);
        _intake.Append(_job, [], [1], 1, 1);

        Assert.That((await writer.WaitAsync(Deadline))!.PayloadLength, Is.EqualTo(1));
    }

    [Test]
    public async Task Metadata_that_is_wanted_comes_without_any_message_and_once()
    {
        var writer = Task.Run(_intake.Take);
        _intake.WantMetadata();
        Assert.That((await writer.WaitAsync(Deadline))!.MetadataOnly, Is.True);

        var next = Task.Run(_intake.Take);
        _intake.Append(_job, [], [1], 1, 1);
        Assert.That((await next.WaitAsync(Deadline))!.MetadataOnly, Is.False);
    }

    [Test]
    public async Task After_the_end_what_was_gathered_is_still_written_and_no_more_is_taken()
    {
        _intake.Append(_job, [], new byte[90], 1, 1);
        var waiting = Task.Run(() => _intake.Append(_job, [], new byte[90], 1, 1));
        _intake.Close();

        Assert.That(await waiting.WaitAsync(Deadline), Is.False);
        Assert.That(_intake.Take()!.Inputs, Is.EqualTo(new Watermark[] { new("job", 1, 1) }));
        Assert.That(_intake.Take(), Is.Null);
    }

    private static byte[] Payload(CommitBuffer buffer) => buffer.Bytes.AsSpan(CommitBuffer.PayloadStart, buffer.PayloadLength).ToArray();
}
