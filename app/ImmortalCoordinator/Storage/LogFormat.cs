using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Ambrosia.Coordinator.Storage;

/// <summary>Who wrote a log or checkpoint file. Replay under another identity is refused.</summary>
/// <param name="Committer">Constant for the life of the instance; goes into every record header that the app sees.</param>
internal sealed record LogIdentity(string Instance, string App, int StateVersion, int Committer);

/// <summary>How far one source's messages are contained in the log: all of them, and those that are replayable.</summary>
internal readonly record struct Watermark(string Name, long Sequence, long Replayable);

internal enum EntryKind
{
    /// <summary>A log record: a payload for the app, and metadata.</summary>
    Record,

    /// <summary>Metadata alone; carries no sequence ID of its own.</summary>
    Metadata,

    /// <summary>Says that everything before it was flushed to the device before anything was acknowledged.</summary>
    Flushed,
}

/// <param name="Sequence">The record's sequence ID; for the other kinds the ID that the next record will have.</param>
internal readonly record struct EntryHeader(EntryKind Kind, long Sequence, int PayloadLength, int MetadataLength, ulong PayloadCheck, ulong MetadataCheck)
{
    public long EntryLength => LogFormat.EntryHeaderSize + (long)PayloadLength + MetadataLength;
}

/// <summary>
/// Our log format. A file is a header and then entries. An entry is a 48-byte header with a check of its own, the payload exactly as the
/// app gets it, and metadata (input watermarks, output watermarks). After each flush, and before anything is acknowledged, a
/// <see cref="EntryKind.Flushed"/> entry is written without a flush of its own: a killed process leaves it in the page cache, so that a
/// damaged last record can be told apart from a torn one that nobody was ever told about.
/// </summary>
internal static class LogFormat
{
    public const int EntryHeaderSize = 48;

    /// <summary>The header that the app sees before a record's payload, in bytes.</summary>
    public const int AppHeaderSize = 24;

    public const int FormatVersion = 1;

    private const uint RecordMagic = 0x43455241; // "AREC"
    private const uint MetadataMagic = 0x54454D41; // "AMET"
    private const uint FlushedMagic = 0x554C4641; // "AFLU"

    private static ReadOnlySpan<byte> FileMagic => "AMBLOG01"u8;

    public static void WriteEntryHeader(Span<byte> target, in EntryHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, header.Kind switch
        {
            EntryKind.Record => RecordMagic,
            EntryKind.Metadata => MetadataMagic,
            _ => FlushedMagic,
        });
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], header.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], header.PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], header.MetadataLength);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], header.PayloadCheck);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], header.MetadataCheck);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], XxHash64.HashToUInt64(target[..40]));
    }

    /// <summary>False when the 48 bytes are no entry header: wrong magic, wrong check, or impossible lengths.</summary>
    public static bool TryReadEntryHeader(ReadOnlySpan<byte> source, out EntryHeader header)
    {
        header = default;
        if (source.Length < EntryHeaderSize)
            return false;
        EntryKind? kind = BinaryPrimitives.ReadUInt32LittleEndian(source) switch
        {
            RecordMagic => EntryKind.Record,
            MetadataMagic => EntryKind.Metadata,
            FlushedMagic => EntryKind.Flushed,
            _ => null,
        };
        if (kind is null || XxHash64.HashToUInt64(source[..40]) != BinaryPrimitives.ReadUInt64LittleEndian(source[40..]))
            return false;
        header = new EntryHeader(
            kind.Value,
            BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        return header.PayloadLength >= 0 && header.MetadataLength >= 0;
    }

    /// <summary>The 24 bytes before a payload on the way to the app: committer, total size, check, sequence ID.</summary>
    public static void WriteAppHeader(Span<byte> target, int committer, int payloadLength, ulong check, long sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, committer);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], AppHeaderSize + payloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], check);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], sequence);
    }

    public static byte[] FileHeader(LogIdentity identity, long firstSequence, int epoch)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(FileMagic);
            writer.Write(0); // length, patched below
            writer.Write(FormatVersion);
            WriteIdentity(writer, identity);
            writer.Write(firstSequence);
            writer.Write(epoch);
        }

        var bytes = new byte[memory.Length + 8];
        memory.GetBuffer().AsSpan(0, (int)memory.Length).CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - 8)));
        return bytes;
    }

    /// <summary>Null when the file's beginning is no whole, sound header.</summary>
    public static (LogIdentity Identity, long FirstSequence, int Epoch, int Length)? TryReadFileHeader(ReadOnlySpan<byte> source)
    {
        if (source.Length < 24 || !source.StartsWith(FileMagic))
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        if (length < 24 || length > source.Length
            || XxHash64.HashToUInt64(source[..(length - 8)]) != BinaryPrimitives.ReadUInt64LittleEndian(source[(length - 8)..]))
            return null;
        using var reader = new BinaryReader(new MemoryStream(source[12..(length - 8)].ToArray()), Encoding.UTF8);
        if (reader.ReadInt32() != FormatVersion)
            return null;
        return (ReadIdentity(reader), reader.ReadInt64(), reader.ReadInt32(), length);
    }

    public static void WriteIdentity(BinaryWriter writer, LogIdentity identity)
    {
        writer.Write(identity.Instance);
        writer.Write(identity.App);
        writer.Write(identity.StateVersion);
        writer.Write(identity.Committer);
    }

    public static LogIdentity ReadIdentity(BinaryReader reader) =>
        new(reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());

    public static byte[] WriteMetadata(IReadOnlyCollection<Watermark> inputs, IReadOnlyCollection<Watermark> outputs)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        WriteWatermarks(writer, inputs);
        WriteWatermarks(writer, outputs);
        return memory.ToArray();
    }

    public static (Watermark[] Inputs, Watermark[] Outputs) ReadMetadata(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return (ReadWatermarks(reader), ReadWatermarks(reader));
    }

    public static void WriteWatermarks(BinaryWriter writer, IReadOnlyCollection<Watermark> list)
    {
        writer.Write(list.Count);
        foreach (var mark in list)
        {
            writer.Write(mark.Name);
            writer.Write(mark.Sequence);
            writer.Write(mark.Replayable);
        }
    }

    public static Watermark[] ReadWatermarks(BinaryReader reader)
    {
        var list = new Watermark[reader.ReadInt32()];
        for (var i = 0; i < list.Length; i++)
            list[i] = new Watermark(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64());
        return list;
    }
}
