using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

[Parallelizable]
public class CheckpointFileTests
{
    private static readonly byte[] CheckpointMessage = [0x06, 0x08, 0x36];

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_checkpoint_with_big_blocks_comes_back_as_it_was_written()
    {
        var random = new Random(3);
        var header = new CheckpointHeader(
            LogFile.Identity, 4, 17, [0x0E, 0x09], [new("job", 9, 8), new("", 1, 1)], [new("peer", 12, 10, -3, true), new("", 0, 1, 0, true), new("far", 5, 5, 7, false)]);
        byte[][] blocks = [Bytes(random, 3_000_001), Bytes(random, 5), Bytes(random, 1 << 20)];
        var state = Bytes(random, 2_500_000);
        var path = _directory["17.checkpoint"];
        using (var writer = new CheckpointWriter(path, header))
        {
            writer.WriteBlock(blocks[0], 2);
            writer.WriteBlock(blocks[1], 1);
            writer.EndBlocks();
            writer.EndBlocks();
            writer.WriteBlock(blocks[2], 7);
            writer.EndBlocks();
            writer.BeginApp(CheckpointMessage, state.Length);
            writer.Write(state);
            writer.Finish(toDevice: true);
            Assert.That(File.Exists(path), Is.False, "it has its name only when it is whole");
            writer.Publish(toDevice: true);
        }

        Assert.That(CheckpointReader.Check(path)!.ToBytes(), Is.EqualTo(header.ToBytes()));
        using var reader = CheckpointReader.TryOpen(path)!;
        Assert.Multiple(() =>
        {
            Assert.That(reader.Header.Identity, Is.EqualTo(header.Identity));
            Assert.That(reader.Header.InitialMessage, Is.EqualTo(header.InitialMessage));
            Assert.That(reader.Header.Inputs, Is.EqualTo(header.Inputs));
            Assert.That(reader.Header.Outputs, Is.EqualTo(header.Outputs));
            Assert.That((reader.Header.Epoch, reader.Header.NextSequence), Is.EqualTo((4, 17L)));
            AssertBlock(reader, blocks[0], 2);
            AssertBlock(reader, blocks[1], 1);
            Assert.That(reader.ReadBlock(), Is.Null);
            Assert.That(reader.ReadBlock(), Is.Null);
            AssertBlock(reader, blocks[2], 7);
            Assert.That(reader.ReadBlock(), Is.Null);
            var (message, length) = reader.BeginApp();
            Assert.That(message, Is.EqualTo(CheckpointMessage));
            Assert.That(length, Is.EqualTo(state.Length));
            var read = new byte[length];
            reader.ReadApp(read);
            Assert.That(read.AsSpan().SequenceEqual(state), Is.True);
        });
    }

    [Test]
    public void A_checkpoint_that_was_not_published_is_not_there()
    {
        using (var writer = new CheckpointWriter(_directory["0.checkpoint"], Header()))
            writer.Finish(toDevice: false);

        Assert.That(Directory.GetFiles(_directory.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "0.checkpoint.tmp" }));
    }

    [Test]
    public void A_checkpoint_cut_at_any_length_is_unsound()
    {
        var bytes = Small();

        Assert.Multiple(() =>
        {
            for (var length = 0; length < bytes.Length; length++)
                Assert.That(Check(bytes[..length]), Is.Null, $"{length} bytes");
            Assert.That(Check(bytes), Is.Not.Null);
            Assert.That(Check([.. bytes, 0]), Is.Null, "a byte too many");
        });
    }

    [Test]
    public void A_checkpoint_with_any_byte_changed_is_unsound()
    {
        var bytes = Small();

        Assert.Multiple(() =>
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var changed = bytes.ToArray();
                changed[i] ^= (byte)(1 << (i % 8));
                Assert.That(Check(changed), Is.Null, $"byte {i}");
            }
        });
    }

    [Test]
    public void A_big_checkpoint_is_unsound_when_cut_or_changed_anywhere()
    {
        var path = Write(new Random(5), 3 << 20);
        var bytes = File.ReadAllBytes(path);

        Assert.Multiple(() =>
        {
            foreach (var at in (int[])[1 << 10, 1 << 20, (1 << 20) + 1, 2 << 20, bytes.Length - 25, bytes.Length - 1])
            {
                Assert.That(Check(bytes[..at]), Is.Null, $"{at} bytes");
                bytes[at] ^= 1;
                Assert.That(Check(bytes), Is.Null, $"byte {at}");
                bytes[at] ^= 1;
            }

            Assert.That(Check(bytes), Is.Not.Null);
        });
    }

    private static CheckpointHeader Header() => new(LogFile.Identity, 1, 3, null, [new("job", 1, 1)], [new("peer", 2, 1, 0, true)]);

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void AssertBlock(CheckpointReader reader, byte[] messages, int count)
    {
        var block = reader.ReadBlock()!.Value;
        Assert.That(block.Count, Is.EqualTo(count));
        Assert.That(block.Messages.AsSpan().SequenceEqual(messages), Is.True);
    }

    private byte[] Small() => File.ReadAllBytes(Write(new Random(4), 40));

    private string Write(Random random, int stateLength)
    {
        var path = _directory["3.checkpoint"];
        using var writer = new CheckpointWriter(path, Header());
        writer.WriteBlock(Bytes(random, 10), 1);
        writer.EndBlocks();
        writer.BeginApp(CheckpointMessage, stateLength);
        writer.Write(Bytes(random, stateLength));
        writer.Finish(toDevice: false);
        writer.Publish(toDevice: false);
        return path;
    }

    private CheckpointHeader? Check(byte[] bytes)
    {
        var path = _directory["x.checkpoint"];
        File.WriteAllBytes(path, bytes);
        return CheckpointReader.Check(path);
    }
}
