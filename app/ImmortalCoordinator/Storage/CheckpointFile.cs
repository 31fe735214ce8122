using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Ambrosia.Coordinator.Native;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Storage;

/// <summary>One destination's unacknowledged replayable output inside a checkpoint.</summary>
/// <param name="LastReplayable">Number of the last replayable message the app has produced for it.</param>
/// <param name="FirstReplayable">Number of the first one that is kept; one above the last when none is.</param>
/// <param name="Base">See <see cref="Streams.OutputQueue.Base"/>.</param>
/// <param name="Contacted">See <see cref="Streams.OutputQueue.Contacted"/>.</param>
internal sealed record OutputState(string Destination, long LastReplayable, long FirstReplayable, long Base, bool Contacted);

/// <summary>The coordinator's own part of a checkpoint.</summary>
/// <param name="NextSequence">Sequence ID of the first record that the checkpoint does not contain.</param>
/// <param name="InitialMessage">The app's InitialMessage, whole, while no record holds it yet.</param>
internal sealed record CheckpointHeader(
    LogIdentity Identity, int Epoch, long NextSequence, byte[]? InitialMessage, IReadOnlyList<Watermark> Inputs, IReadOnlyList<OutputState> Outputs)
{
    public byte[] ToBytes()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(LogFormat.FormatVersion);
        LogFormat.WriteIdentity(writer, Identity);
        writer.Write(Epoch);
        writer.Write(NextSequence);
        writer.Write(InitialMessage?.Length ?? -1);
        writer.Write(InitialMessage ?? []);
        LogFormat.WriteWatermarks(writer, [.. Inputs]);
        writer.Write(Outputs.Count);
        foreach (var output in Outputs)
        {
            writer.Write(output.Destination);
            writer.Write(output.LastReplayable);
            writer.Write(output.FirstReplayable);
            writer.Write(output.Base);
            writer.Write(output.Contacted);
        }

        return memory.ToArray();
    }

    public static CheckpointHeader? FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        if (reader.ReadInt32() != LogFormat.FormatVersion)
            return null;
        var identity = LogFormat.ReadIdentity(reader);
        var epoch = reader.ReadInt32();
        var next = reader.ReadInt64();
        var initialLength = reader.ReadInt32();
        var initial = initialLength < 0 ? null : reader.ReadBytes(initialLength);
        var inputs = LogFormat.ReadWatermarks(reader);
        var outputs = new OutputState[reader.ReadInt32()];
        for (var i = 0; i < outputs.Length; i++)
            outputs[i] = new OutputState(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
        return new CheckpointHeader(identity, epoch, next, initial, inputs, outputs);
    }
}

/// <summary>
/// Writes a checkpoint beside its final name: magic, header with check, per destination its messages in blocks, the app's Checkpoint
/// message and bytes, and a footer with length and check. Only a whole, flushed file is renamed to its final name.
/// </summary>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly string _final;
    private readonly string _temporary;
    private readonly SafeFileHandle _file;
    private readonly XxHash64 _check = new();
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used;
    private long _position;

    public CheckpointWriter(string final, CheckpointHeader header)
    {
        _final = final;
        _temporary = final + ".tmp";
        _file = File.OpenHandle(_temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        var bytes = header.ToBytes();
        Write(CheckpointReader.Magic);
        WriteInt64(bytes.Length);
        Write(bytes);
        WriteInt64((long)XxHash64.HashToUInt64(bytes));
    }

    public void WriteBlock(ReadOnlySpan<byte> messages, int count)
    {
        WriteInt64(messages.Length);
        WriteInt64(count);
        Write(messages);
    }

    public void EndBlocks() => WriteInt64(0);

    /// <summary>The app's Checkpoint message as it came, then the length of what follows it.</summary>
    public void BeginApp(ReadOnlySpan<byte> checkpointMessage, long length)
    {
        WriteInt64(checkpointMessage.Length);
        Write(checkpointMessage);
        WriteInt64(length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var n = Math.Min(bytes.Length, _buffer.Length - _used);
            bytes[..n].CopyTo(_buffer.AsSpan(_used));
            _used += n;
            bytes = bytes[n..];
            if (_used == _buffer.Length)
                Drain();
        }
    }

    /// <summary>Flushes to the device; afterwards <see cref="Publish"/> makes it the checkpoint.</summary>
    public void Finish(bool toDevice)
    {
        Drain();
        Span<byte> footer = stackalloc byte[24];
        CheckpointReader.FooterMagic.CopyTo(footer);
        BinaryPrimitives.WriteInt64LittleEndian(footer[8..], _position + footer.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], _check.GetCurrentHashAsUInt64());
        RandomAccess.Write(_file, footer, _position);
        if (toDevice)
            Durable.Flush(_file);
    }

    public void Publish(bool toDevice)
    {
        File.Move(_temporary, _final, overwrite: true);
        if (toDevice)
            Durable.FlushDirectory(Path.GetDirectoryName(_final)!);
    }

    public void Dispose() => _file.Dispose();

    private void WriteInt64(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Write(bytes);
    }

    private void Drain()
    {
        var part = _buffer.AsSpan(0, _used);
        _check.Append(part);
        RandomAccess.Write(_file, part, _position);
        _position += _used;
        _used = 0;
    }
}

/// <summary>Reads a checkpoint: its header, the output blocks, and where the app's bytes lie.</summary>
internal sealed class CheckpointReader : IDisposable
{
    /// <summary>A header names instances and numbers: more than this is damage, in bytes.</summary>
    private const int MaxHeader = 1 << 28;

    private readonly SafeFileHandle _file;
    private long _position;

    private CheckpointReader(SafeFileHandle file, CheckpointHeader header, long position) =>
        (_file, Header, _position) = (file, header, position);

    internal static ReadOnlySpan<byte> Magic => "AMBCKPT1"u8;

    internal static ReadOnlySpan<byte> FooterMagic => "AMBCKEND"u8;

    public CheckpointHeader Header { get; }

    /// <summary>The header of a whole and sound file, else null.</summary>
    public static CheckpointHeader? Check(string path)
    {
        using var reader = TryOpen(path);
        if (reader is null)
            return null;
        var length = RandomAccess.GetLength(reader._file);
        Span<byte> footer = stackalloc byte[24];
        if (length < footer.Length || !LogScanner.ReadFully(reader._file, footer, length - footer.Length) || !footer.StartsWith(FooterMagic)
            || BinaryPrimitives.ReadInt64LittleEndian(footer[8..]) != length)
            return null;
        var check = new XxHash64();
        var buffer = new byte[1 << 20];
        for (long at = 0, end = length - footer.Length; at < end;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
            if (!LogScanner.ReadFully(reader._file, part, at))
                return null;
            check.Append(part);
            at += part.Length;
        }

        return check.GetCurrentHashAsUInt64() == BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]) ? reader.Header : null;
    }

    /// <summary>Opens a file whose header is sound; null otherwise. Use <see cref="Check"/> first for the rest of it.</summary>
    public static CheckpointReader? TryOpen(string path)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        Span<byte> start = stackalloc byte[16];
        var length = RandomAccess.GetLength(file);
        if (LogScanner.ReadFully(file, start, 0) && start.StartsWith(Magic)
            && BinaryPrimitives.ReadInt64LittleEndian(start[8..]) is > 0 and < MaxHeader and var size && size < length)
        {
            var bytes = new byte[size];
            Span<byte> check = stackalloc byte[8];
            if (LogScanner.ReadFully(file, bytes, 16) && LogScanner.ReadFully(file, check, 16 + size)
                && BinaryPrimitives.ReadUInt64LittleEndian(check) == XxHash64.HashToUInt64(bytes)
                && CheckpointHeader.FromBytes(bytes) is { } header)
                return new CheckpointReader(file, header, 16 + size + 8);
        }

        file.Dispose();
        return null;
    }

    /// <summary>The next block of messages of the current destination; null at its end.</summary>
    public (byte[] Messages, int Count)? ReadBlock()
    {
        var length = ReadInt64();
        if (length == 0)
            return null;
        var count = (int)ReadInt64();
        return (ReadBytes(length), count);
    }

    /// <summary>The app's Checkpoint message, and the number of bytes that <see cref="ReadApp"/> will give.</summary>
    public (byte[] Message, long Length) BeginApp() => (ReadBytes(ReadInt64()), ReadInt64());

    public void ReadApp(Span<byte> target)
    {
        if (!LogScanner.ReadFully(_file, target, _position))
            throw new IOException("The checkpoint ended early.");
        _position += target.Length;
    }

    public void Dispose() => _file.Dispose();

    private byte[] ReadBytes(long length)
    {
        var bytes = new byte[length];
        ReadApp(bytes);
        return bytes;
    }

    private long ReadInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        ReadApp(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}
