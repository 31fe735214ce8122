using System.IO.Hashing;
using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

[Parallelizable]
public class LogFormatTests
{
    [Test]
    public void An_entry_header_comes_back_as_it_was_written([Values("Record", "Metadata", "Flushed")] string kind)
    {
        var header = new EntryHeader(Enum.Parse<EntryKind>(kind), long.MaxValue, int.MaxValue, 17, ulong.MaxValue, 42);
        var bytes = new byte[LogFormat.EntryHeaderSize];
        LogFormat.WriteEntryHeader(bytes, header);

        Assert.That(LogFormat.TryReadEntryHeader(bytes, out var read), Is.True);
        Assert.That(read, Is.EqualTo(header));
        Assert.That(read.EntryLength, Is.EqualTo(48L + int.MaxValue + 17), "the length must not overflow an int");
    }

    [Test]
    public void The_bytes_of_an_entry_header_are_fixed()
    {
        var bytes = new byte[LogFormat.EntryHeaderSize];
        LogFormat.WriteEntryHeader(bytes, new EntryHeader(EntryKind.Record, 0x0102, 3, 4, 0xA1A2A3A4A5A6A7A8, 0xB1B2B3B4B5B6B7B8));

        Assert.That(Convert.ToHexString(bytes[..40]), Is.EqualTo(
            "41524543" + "00000000" + "0201000000000000" + "03000000" + "04000000" + "A8A7A6A5A4A3A2A1" + "B8B7B6B5B4B3B2B1"));
        Assert.That(BitConverter.ToUInt64(bytes, 40), Is.EqualTo(XxHash64.HashToUInt64(bytes.AsSpan(0, 40))));
    }

    [Test]
    public void The_bytes_of_a_file_header_are_fixed()
    {
        var bytes = LogFormat.FileHeader(new LogIdentity("srv", "Server", 7, 0x287931CC), 5, 2);

        Assert.That(Convert.ToHexString(bytes[..^8]), Is.EqualTo(
            "414D424C4F473031" + "37000000" + "01000000" + "03737276" + "06536572766572" + "07000000" + "CC317928" + "0500000000000000" + "02000000"));
        Assert.That(LogFormat.TryReadFileHeader(bytes), Is.EqualTo((new LogIdentity("srv", "Server", 7, 0x287931CC), 5L, 2, bytes.Length)));
    }

    [Test]
    public void A_header_with_any_byte_changed_or_missing_is_none()
    {
        var entry = new byte[LogFormat.EntryHeaderSize];
        LogFormat.WriteEntryHeader(entry, new EntryHeader(EntryKind.Record, 1, 2, 3, 4, 5));
        var file = LogFormat.FileHeader(LogFile.Identity, 5, 2);

        Assert.Multiple(() =>
        {
            for (var i = 0; i < entry.Length; i++)
            {
                entry[i] ^= 0x10;
                Assert.That(LogFormat.TryReadEntryHeader(entry, out _), Is.False, $"entry, byte {i}");
                entry[i] ^= 0x10;
                Assert.That(LogFormat.TryReadEntryHeader(entry.AsSpan(0, i), out _), Is.False, $"entry, {i} bytes");
            }

            for (var i = 0; i < file.Length; i++)
            {
                file[i] ^= 0x10;
                Assert.That(LogFormat.TryReadFileHeader(file), Is.Null, $"file, byte {i}");
                file[i] ^= 0x10;
                Assert.That(LogFormat.TryReadFileHeader(file.AsSpan(0, i)), Is.Null, $"file, {i} bytes");
            }
        });
    }

    [Test]
    public void Watermarks_come_back_as_they_were_written()
    {
        Watermark[] inputs = [new("", 3, 2), new("jöb", long.MaxValue, 0)];
        Watermark[] outputs = [new("peer", -5, 9)];

        var (readInputs, readOutputs) = LogFormat.ReadMetadata(LogFormat.WriteMetadata(inputs, outputs));

        Assert.That(readInputs, Is.EqualTo(inputs));
        Assert.That(readOutputs, Is.EqualTo(outputs));
    }

    [Test]
    public void The_header_for_the_app_is_the_protocols()
    {
        // Seen on a running AMBROSIA: record 0, an InitialMessage "hi".
        byte[] payload = [0x06, 0x09, 0x68, 0x69];
        var bytes = new byte[LogFormat.AppHeaderSize];

        LogFormat.WriteAppHeader(bytes, 0x287931CC, payload.Length, XxHash64.HashToUInt64(payload), 0);

        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("cc317928" + "1c000000" + "928b3a1a92d960c9" + "0000000000000000"));
    }
}
