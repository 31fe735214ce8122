using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

[Parallelizable]
public class FrameReaderTests
{
    private SocketPair _sockets = null!;

    [SetUp]
    public void Connect() => _sockets = new SocketPair();

    [TearDown]
    public void Disconnect() => _sockets.Dispose();

    [Test]
    public void Messages_are_cut_apart_and_the_end_between_two_is_an_end()
    {
        _sockets.Send([.. Records.Rpc(1, 2, 3), .. Records.Message(MessageType.AttachTo, [9])], andEnd: true);
        var reader = new FrameReader(_sockets.There, 64);

        Assert.That(reader.TryRead(out var first), Is.True);
        Assert.That((first.Type, Convert.ToHexString(first.Data), Convert.ToHexString(first.Whole)), Is.EqualTo((MessageType.Rpc, "010203", "0800010203")));
        Assert.That(reader.TryRead(out var second), Is.True);
        Assert.That((second.Type, Convert.ToHexString(second.Data)), Is.EqualTo((MessageType.AttachTo, "09")));
        Assert.That(reader.TryRead(out _), Is.False);
    }

    [Test]
    public void Messages_of_growing_size_come_whole_through_a_small_buffer()
    {
        var sizes = Enumerable.Range(0, 18).Select(i => 1 << i).SelectMany(size => (int[])[size - 1, size, size + 1]).ToArray();
        _sockets.Send([.. sizes.SelectMany(size => Records.Message(MessageType.Rpc, [.. Enumerable.Range(0, size).Select(i => (byte)(i + size))]))], andEnd: true);
        var reader = new FrameReader(_sockets.There, 16);

        foreach (var size in sizes)
        {
            Assert.That(reader.TryRead(out var frame), Is.True);
            Assert.That(frame.Data.ToArray(), Is.EqualTo(Enumerable.Range(0, size).Select(i => (byte)(i + size)).ToArray()));
        }

        Assert.That(reader.TryRead(out _), Is.False);
    }

    [TestCase("06083600010203", "060836", TestName = "A_checkpoint_whose_size_counts_one_more_than_its_number_takes")]
    [TestCase("04083600010203", "040836", TestName = "A_checkpoint_whose_size_is_exact")]
    public void A_checkpoint_ends_behind_its_number(string sent, string whole)
    {
        _sockets.Send([.. Convert.FromHexString(sent), .. new byte[23]], andEnd: true);
        var reader = new FrameReader(_sockets.There, 16);

        Assert.That(reader.TryRead(out var frame), Is.True);
        Assert.That((frame.Type, Convert.ToHexString(frame.Whole)), Is.EqualTo((MessageType.Checkpoint, whole)));
        Assert.That(VarInt.TryRead(frame.Data, out long length), Is.EqualTo(1));
        Assert.That(length, Is.EqualTo(27));
        var raw = new byte[27];
        reader.ReadRaw(raw);
        Assert.That(raw[..4], Is.EqualTo(new byte[] { 0, 1, 2, 3 }));
        Assert.That(reader.TryRead(out _), Is.False);
    }

    [Test]
    public void Raw_bytes_are_followed_by_messages_again()
    {
        var raw = new byte[300_000];
        new Random(1).NextBytes(raw);
        _sockets.Send([.. Records.Message(MessageType.Checkpoint, Records.Number(raw.Length)), .. raw, .. Records.Rpc(7)], andEnd: true);
        var reader = new FrameReader(_sockets.There, 4096);
        reader.TryRead(out _);

        var read = new byte[raw.Length];
        reader.ReadRaw(read);

        Assert.That(read.AsSpan().SequenceEqual(raw), Is.True);
        Assert.That(reader.TryRead(out var next), Is.True);
        Assert.That(next.Data.ToArray(), Is.EqualTo(new byte[] { 7 }));
    }

    [TestCase("0A0001", TestName = "An_end_within_a_message")]
    [TestCase("80", TestName = "An_end_within_a_size")]
    [TestCase("00", TestName = "A_size_of_nothing")]
    [TestCase("01", TestName = "A_negative_size")]
    [TestCase("FFFFFFFFFF01", TestName = "A_size_of_more_than_five_bytes")]
    [TestCase("8080808009", TestName = "A_size_of_more_than_a_gibibyte")]
    [TestCase("2208FFFFFFFFFFFFFFFFFFFFFF", TestName = "A_checkpoint_number_of_more_than_ten_bytes")]
    public void What_is_no_message_is_refused(string sent)
    {
        _sockets.Send(Convert.FromHexString(sent), andEnd: true);
        var reader = new FrameReader(_sockets.There);

        Assert.Throws<ProtocolException>(() => reader.TryRead(out _));
    }

    [Test]
    public void A_claimed_length_alone_takes_no_memory()
    {
        _sockets.Send([.. Records.Number(FrameReader.MaxMessage), 0, 1, 2], andEnd: true);
        var reader = new FrameReader(_sockets.There, 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ProtocolException>(() => reader.TryRead(out _));

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void Random_bytes_end_in_a_refusal_or_in_an_end_and_never_otherwise([Range(1, 50)] int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[2000];
        random.NextBytes(bytes);
        _sockets.Send(bytes, andEnd: true);
        var reader = new FrameReader(_sockets.There, 32);
        try
        {
            var read = 0;
            while (reader.TryRead(out var frame))
            {
                read += frame.Whole.Length;
                try
                {
                    Messages.Count(frame);
                }
                catch (ProtocolException)
                {
                    // The other allowed end.
                }
            }

            Assert.That(read, Is.EqualTo(bytes.Length));
        }
        catch (ProtocolException error)
        {
            Assert.That(error.Message, Is.Not.Empty);
        }
    }
}
