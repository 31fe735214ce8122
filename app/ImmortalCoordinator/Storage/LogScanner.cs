using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Storage;

/// <summary>How one log file ends.</summary>
internal enum LogEnd
{
    /// <summary>After its last whole entry.</summary>
    Clean,

    /// <summary>In the middle of an entry that was never acknowledged: the process or machine died while writing it.</summary>
    Torn,

    /// <summary>In an entry that was acknowledged, or that sound entries follow: stored data was damaged.</summary>
    Damaged,
}

/// <summary>One log file as found on disk.</summary>
/// <param name="NextSequence">The ID that the record after the last whole one would have.</param>
/// <param name="SoundLength">Bytes up to the end of the last whole entry.</param>
internal sealed record ScannedLog(
    string Path, LogIdentity Identity, int Epoch, long FirstSequence, long NextSequence, int HeaderLength, long SoundLength, long FileLength,
    LogEnd End, IReadOnlyDictionary<string, Watermark> Inputs, IReadOnlyDictionary<string, Watermark> Outputs);

/// <summary>Reads log files: whole, for recovery, and entry by entry, for delivery.</summary>
internal static class LogScanner
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Checks every entry of a file. Null when the file has no sound header (it was being created when its writer died).</summary>
    /// <param name="endBefore">The first record that does not count, nor anything behind it.</param>
    public static ScannedLog? Scan(string path, long endBefore = long.MaxValue)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        var head = new byte[Math.Min(length, 8192)];
        ReadFully(file, head, 0);
        if (LogFormat.TryReadFileHeader(head) is not { } header)
            return null;

        var inputs = new Dictionary<string, Watermark>();
        var outputs = new Dictionary<string, Watermark>();
        var position = (long)header.Length;
        var next = header.FirstSequence;
        var entryHeader = new byte[LogFormat.EntryHeaderSize];
        var buffer = new byte[ChunkSize];
        var end = LogEnd.Clean;
        while (position < length)
        {
            if (!TryReadEntry(file, position, length, next, entryHeader, buffer, out var entry, out var metadata))
            {
                end = next < endBefore && IsAnythingSoundAfter(file, position, length, next) ? LogEnd.Damaged : LogEnd.Torn;
                break;
            }

            if (entry.Kind == EntryKind.Record && next >= endBefore)
                break;

            if (metadata is not null)
            {
                var (ins, outs) = LogFormat.ReadMetadata(metadata);
                foreach (var mark in ins)
                    inputs[mark.Name] = mark;
                foreach (var mark in outs)
                    outputs[mark.Name] = mark;
            }

            if (entry.Kind == EntryKind.Record)
                next++;
            position += entry.EntryLength;
        }

        return new ScannedLog(path, header.Identity, header.Epoch, header.FirstSequence, next, header.Length, position, length, end, inputs, outputs);
    }

    /// <summary>Whether a sound entry header lies anywhere in the file: then its own header was whole once.</summary>
    public static bool HoldsEntry(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        return IsAnythingSoundAfter(file, -1, RandomAccess.GetLength(file), -1);
    }

    /// <summary>Fills <paramref name="target"/> from the file; false when the file ends before.</summary>
    public static bool ReadFully(SafeFileHandle file, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var n = RandomAccess.Read(file, target, offset);
            if (n == 0)
                return false;
            target = target[n..];
            offset += n;
        }

        return true;
    }

    private static bool TryReadEntry(
        SafeFileHandle file, long position, long length, long next, byte[] entryHeader, byte[] buffer, out EntryHeader entry, out byte[]? metadata)
    {
        metadata = null;
        entry = default;
        if (length - position < LogFormat.EntryHeaderSize || !ReadFully(file, entryHeader, position)
            || !LogFormat.TryReadEntryHeader(entryHeader, out entry) || entry.Sequence != next || entry.EntryLength > length - position)
            return false;

        var check = new XxHash64();
        var at = position + LogFormat.EntryHeaderSize;
        for (var left = entry.PayloadLength; left > 0;)
        {
            var part = buffer.AsSpan(0, Math.Min(left, buffer.Length));
            if (!ReadFully(file, part, at))
                return false;
            check.Append(part);
            at += part.Length;
            left -= part.Length;
        }

        if (entry.PayloadLength > 0 && check.GetCurrentHashAsUInt64() != entry.PayloadCheck)
            return false;
        if (entry.MetadataLength == 0)
            return true;
        var bytes = new byte[entry.MetadataLength];
        if (!ReadFully(file, bytes, at) || XxHash64.HashToUInt64(bytes) != entry.MetadataCheck)
            return false;
        metadata = bytes;
        return true;
    }

    /// <summary>
    /// A sound entry header behind the bad place, with a sequence ID that can only follow it, proves that the bad entry was flushed once:
    /// the writer goes on only after a flush. An entry without a sequence ID of its own is proven by the mark of its flush.
    /// </summary>
    private static bool IsAnythingSoundAfter(SafeFileHandle file, long position, long length, long next)
    {
        var window = new byte[ChunkSize + LogFormat.EntryHeaderSize];
        for (var at = position + 1; at + LogFormat.EntryHeaderSize <= length; at += ChunkSize)
        {
            var part = window.AsSpan(0, (int)Math.Min(window.Length, length - at));
            if (!ReadFully(file, part, at))
                return false;
            for (var i = 0; i + LogFormat.EntryHeaderSize <= part.Length; i++)
            {
                if (part[i] == (byte)'A' && LogFormat.TryReadEntryHeader(part[i..], out var entry)
                    && (entry.Sequence > next || (entry.Kind == EntryKind.Flushed && entry.Sequence == next)))
                    return true;
            }
        }

        return false;
    }
}
