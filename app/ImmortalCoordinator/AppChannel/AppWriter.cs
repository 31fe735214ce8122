using System.Net.Sockets;
using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.AppChannel;

/// <summary>Sends records to the app: control records, a checkpoint to restore, replayed records, live ones.</summary>
internal sealed class AppWriter(Socket socket, LogIdentity identity) : IDisposable
{
    /// <summary>A message bigger than a record's limit needs a buffer of its own, for once.</summary>
    private const int MaxKeptBuffer = 8 << 20;

    private readonly byte[] _control = new byte[LogFormat.AppHeaderSize + 2];
    private readonly byte[] _entry = new byte[LogFormat.EntryHeaderSize];
    private byte[] _buffer = new byte[1 << 20];
    private SafeFileHandle? _log;
    private string _logPath = "";

    public void SendControl(MessageType type)
    {
        ReadOnlySpan<byte> payload = [0x02, (byte)type];
        LogFormat.WriteAppHeader(_control, identity.Committer, payload.Length, System.IO.Hashing.XxHash64.HashToUInt64(payload), -1);
        payload.CopyTo(_control.AsSpan(LogFormat.AppHeaderSize));
        Send(_control);
    }

    /// <summary>Record −2: the Checkpoint message as the app wrote it, and then its bytes outside the record.</summary>
    public void SendCheckpoint(CheckpointReader checkpoint)
    {
        var (message, length) = checkpoint.BeginApp();
        var record = new byte[LogFormat.AppHeaderSize + message.Length];
        LogFormat.WriteAppHeader(record, identity.Committer, message.Length, 0, -2);
        message.CopyTo(record, LogFormat.AppHeaderSize);
        Send(record);
        while (length > 0)
        {
            var part = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, length));
            checkpoint.ReadApp(part);
            Send(part);
            length -= part.Length;
        }
    }

    /// <summary>Sends a log's records from <paramref name="first"/> on, and returns how many.</summary>
    public long Replay(ScannedLog log, long first)
    {
        var sent = 0L;
        for (var position = (long)log.HeaderLength; position < log.SoundLength;)
        {
            var entry = ReadHeader(log.Path, position);
            if (entry.Kind == EntryKind.Record && entry.Sequence >= first)
            {
                SendRecord(log.Path, position, entry);
                sent++;
            }

            position += entry.EntryLength;
        }

        return sent;
    }

    public void Send(DeliveryItem item)
    {
        if (item.Buffer is { } buffer)
        {
            Send(buffer.AsSpan(item.Offset, (int)item.Length));
            return;
        }

        var position = item.FilePosition;
        for (var left = item.Count; left > 0;)
        {
            var entry = ReadHeader(item.LogPath, position);
            if (entry.Kind == EntryKind.Record)
            {
                SendRecord(item.LogPath, position, entry);
                left--;
            }

            position += entry.EntryLength;
        }
    }

    public void Dispose() => _log?.Dispose();

    private EntryHeader ReadHeader(string path, long position)
    {
        if (_log is null || _logPath != path)
        {
            _log?.Dispose();
            _log = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            _logPath = path;
        }

        return LogScanner.ReadFully(_log, _entry, position) && LogFormat.TryReadEntryHeader(_entry, out var entry)
            ? entry
            : throw new CoordinatorException(
                Codes.LogCorrupted, $"{path} is damaged at byte {position}.", "Stored data changed while it was in use.", "Restore the file from a copy.");
    }

    private void SendRecord(string path, long position, in EntryHeader entry)
    {
        var length = LogFormat.AppHeaderSize + entry.PayloadLength;
        if (_buffer.Length < length)
            _buffer = new byte[length];
        LogFormat.WriteAppHeader(_buffer, identity.Committer, entry.PayloadLength, entry.PayloadCheck, entry.Sequence);
        if (!LogScanner.ReadFully(_log!, _buffer.AsSpan(LogFormat.AppHeaderSize, entry.PayloadLength), position + LogFormat.EntryHeaderSize))
            throw new IOException($"{path} ended early.");
        Send(_buffer.AsSpan(0, length));
        if (_buffer.Length > MaxKeptBuffer)
            _buffer = new byte[1 << 20];
    }

    private void Send(ReadOnlySpan<byte> bytes) => Peers.Handshake.SendAll(socket, bytes);
}
