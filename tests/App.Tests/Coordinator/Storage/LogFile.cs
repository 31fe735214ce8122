using System.IO.Hashing;
using Ambrosia.Coordinator.Storage;

namespace Ambrosia.App.Tests.Coordinator.Storage;

/// <summary>Builds a log file's bytes as the committer writes them, and remembers where each entry begins.</summary>
internal sealed class LogFile
{
    public static readonly LogIdentity Identity = new("srv", "Server", 1, 0x287931CC);

    private readonly List<byte> _bytes;
    private long _next;

    public LogFile(long first = 0, int epoch = 1, LogIdentity? identity = null)
    {
        _bytes = [.. LogFormat.FileHeader(identity ?? Identity, first, epoch)];
        _next = first;
        HeaderLength = _bytes.Count;
    }

    public int HeaderLength { get; }

    /// <summary>Offsets at which entries begin, in order.</summary>
    public List<int> Entries { get; } = [];

    public byte[] Bytes => [.. _bytes];

    public LogFile Record(byte[] payload, params Watermark[] inputs)
    {
        Add(EntryKind.Record, payload, LogFormat.WriteMetadata(inputs, []));
        _next++;
        return this;
    }

    public LogFile Metadata(params Watermark[] outputs)
    {
        Add(EntryKind.Metadata, [], LogFormat.WriteMetadata([], outputs));
        return this;
    }

    public LogFile Flushed()
    {
        Add(EntryKind.Flushed, [], []);
        return this;
    }

    private void Add(EntryKind kind, byte[] payload, byte[] metadata)
    {
        Entries.Add(_bytes.Count);
        var header = new byte[LogFormat.EntryHeaderSize];
        LogFormat.WriteEntryHeader(header, new EntryHeader(
            kind, _next, payload.Length, metadata.Length, payload.Length == 0 ? 0 : XxHash64.HashToUInt64(payload), metadata.Length == 0 ? 0 : XxHash64.HashToUInt64(metadata)));
        _bytes.AddRange(header);
        _bytes.AddRange(payload);
        _bytes.AddRange(metadata);
    }
}
