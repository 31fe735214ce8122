using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

[Parallelizable]
public class LogScannerTests
{
    private static readonly byte[] Payload = [0x06, 0x09, 0x68, 0x69];

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_clean_log_tells_its_records_and_its_watermarks()
    {
        var log = Scan(new LogFile(first: 7, epoch: 3)
            .Record(Payload, new Watermark("job", 4, 3), new Watermark("", 1, 1)).Flushed()
            .Metadata(new Watermark("peer", 0, 5)).Flushed()
            .Record(Payload, new Watermark("job", 9, 8)).Flushed()
            .Metadata(new Watermark("peer", 0, 6)).Flushed().Bytes)!;

        Assert.Multiple(() =>
        {
            Assert.That(log.End, Is.EqualTo(LogEnd.Clean));
            Assert.That(log.Identity, Is.EqualTo(LogFile.Identity));
            Assert.That((log.FirstSequence, log.NextSequence, log.Epoch), Is.EqualTo((7L, 9L, 3)));
            Assert.That(log.SoundLength, Is.EqualTo(log.FileLength));
            Assert.That(log.Inputs.Values, Is.EquivalentTo(new Watermark[] { new("job", 9, 8), new("", 1, 1) }));
            Assert.That(log.Outputs.Values, Is.EquivalentTo(new Watermark[] { new("peer", 0, 6) }));
        });
    }

    [Test]
    public void A_log_without_entries_is_clean()
    {
        var log = Scan(new LogFile(first: 7).Bytes)!;

        Assert.That((log.End, log.FirstSequence, log.NextSequence), Is.EqualTo((LogEnd.Clean, 7L, 7L)));
    }

    [Test]
    public void Records_from_the_beginning_of_a_later_epoch_on_do_not_count_nor_does_damage_there()
    {
        // Metadata right before that record may be all that tells how a receiver's numbers were shifted.
        var file = new LogFile().Record(Payload, new Watermark("job", 1, 1)).Flushed().Metadata(new Watermark("peer", 0, 5)).Flushed();
        var counted = file.Bytes.Length;
        file.Record(Payload, new Watermark("job", 2, 2)).Flushed().Record(Payload).Flushed();
        File.WriteAllBytes(_directory["a.log"], file.Bytes);
        var whole = LogScanner.Scan(_directory["a.log"], endBefore: 1)!;
        var bytes = file.Bytes;
        bytes[counted + 3] ^= 1;
        File.WriteAllBytes(_directory["a.log"], bytes);
        var holed = LogScanner.Scan(_directory["a.log"], endBefore: 1)!;

        Assert.That((whole.NextSequence, whole.SoundLength, whole.End), Is.EqualTo((1L, (long)counted, LogEnd.Clean)));
        Assert.That((holed.NextSequence, holed.SoundLength, holed.End), Is.EqualTo((1L, (long)counted, LogEnd.Torn)));
        Assert.That(whole.Inputs["job"].Sequence, Is.EqualTo(1));
        Assert.That(whole.Outputs, Contains.Key("peer"));
        Assert.That(LogScanner.Scan(_directory["a.log"])!.End, Is.EqualTo(LogEnd.Damaged), "without a later epoch it is damage");
    }

    [Test]
    public void A_last_record_torn_at_any_byte_is_torn_and_the_rest_is_kept()
    {
        var file = new LogFile().Record(Payload).Flushed().Record(new byte[100], new Watermark("job", 2, 2));
        var lastEntry = file.Entries[^1];

        Assert.Multiple(() =>
        {
            for (var length = lastEntry + 1; length < file.Bytes.Length; length++)
            {
                var log = Scan(file.Bytes[..length])!;
                Assert.That((log.End, log.NextSequence, log.SoundLength), Is.EqualTo((LogEnd.Torn, 1L, (long)lastEntry)), $"{length} bytes");
                Assert.That(log.Inputs, Is.Empty, "watermarks of a record that is not there");
            }

            Assert.That(Scan(file.Bytes[..lastEntry])!.End, Is.EqualTo(LogEnd.Clean));
            Assert.That(Scan(file.Bytes)!.NextSequence, Is.EqualTo(2));
        });
    }

    [Test]
    public void A_whole_last_record_with_any_byte_changed_is_torn_while_nobody_was_told_of_it()
    {
        var file = new LogFile().Record(Payload).Flushed().Record(Payload, new Watermark("job", 2, 2));

        Assert.Multiple(() =>
        {
            for (var i = file.Entries[^1]; i < file.Bytes.Length; i++)
                Assert.That(Scan(Changed(file, i))!.End, Is.EqualTo(LogEnd.Torn), $"byte {i}");
        });
    }

    [Test]
    public void A_record_that_was_flushed_is_damaged_when_any_byte_of_it_is_changed()
    {
        var file = new LogFile().Record(Payload).Flushed().Record(Payload, new Watermark("job", 2, 2)).Flushed();

        Assert.Multiple(() =>
        {
            for (var i = file.Entries[2]; i < file.Entries[3]; i++)
            {
                var log = Scan(Changed(file, i))!;
                Assert.That((log.End, log.NextSequence, log.SoundLength), Is.EqualTo((LogEnd.Damaged, 1L, (long)file.Entries[2])), $"byte {i}");
            }
        });
    }

    [Test]
    public void Watermarks_that_were_flushed_are_damaged_when_any_byte_of_them_is_changed()
    {
        var file = new LogFile().Record(Payload).Flushed().Metadata(new Watermark("peer", 10, 10)).Flushed();

        Assert.Multiple(() =>
        {
            for (var i = file.Entries[2]; i < file.Entries[3]; i++)
                Assert.That(Scan(Changed(file, i))!.End, Is.EqualTo(LogEnd.Damaged), $"byte {i}");
        });
    }

    [Test]
    public void The_mark_of_the_last_flush_may_be_torn_itself()
    {
        var file = new LogFile().Record(Payload).Flushed();

        for (var length = file.Entries[1] + 1; length < file.Bytes.Length; length++)
            Assert.That(Scan(file.Bytes[..length]), Has.Property("End").EqualTo(LogEnd.Torn).And.Property("NextSequence").EqualTo(1), $"{length} bytes");
    }

    [Test]
    public void A_lost_mark_before_a_torn_record_is_no_damage()
    {
        // A power cut may keep the page with the unflushed record and lose the one with the mark before it.
        var file = new LogFile().Record(Payload).Flushed().Record(Payload);
        var bytes = file.Bytes;
        Array.Clear(bytes, file.Entries[1], file.Entries[2] - file.Entries[1]);

        var log = Scan(bytes)!;

        Assert.That((log.End, log.NextSequence), Is.EqualTo((LogEnd.Torn, 1L)));
    }

    [Test]
    public void Damage_is_seen_when_the_next_sound_entry_is_megabytes_away_and_across_a_read_boundary()
    {
        foreach (var payload in (int[])[(1 << 20) - 200, (1 << 20) - 96, (1 << 20) - 50, (1 << 20) - 1, 3 << 20])
        {
            var file = new LogFile().Record(Payload).Flushed().Record(new byte[payload]).Flushed();
            Assert.That(Scan(Changed(file, file.Entries[2] + 60))!.End, Is.EqualTo(LogEnd.Damaged), $"payload of {payload}");
        }
    }

    [Test]
    public void Garbage_and_an_unfinished_header_are_no_log()
    {
        Assert.That(Scan([]), Is.Null);
        Assert.That(Scan(Enumerable.Range(0, 500).Select(i => (byte)(i * 37)).ToArray()), Is.Null);
        Assert.That(Scan(new LogFile().Bytes[..^1]), Is.Null);
    }

    [Test]
    public void Garbage_behind_sound_entries_is_torn()
    {
        var file = new LogFile().Record(Payload).Flushed();
        var random = new Random(1);
        var garbage = new byte[5000];
        random.NextBytes(garbage);

        var log = Scan([.. file.Bytes, .. garbage])!;

        Assert.That((log.End, log.NextSequence, log.SoundLength), Is.EqualTo((LogEnd.Torn, 1L, (long)file.Bytes.Length)));
    }

    private static byte[] Changed(LogFile file, int at)
    {
        var bytes = file.Bytes;
        bytes[at] ^= 0x04;
        return bytes;
    }

    private ScannedLog? Scan(byte[] bytes)
    {
        var path = _directory["a.log"];
        File.WriteAllBytes(path, bytes);
        return LogScanner.Scan(path);
    }
}
