using Ambrosia.Coordinator.Storage;

namespace Ambrosia.Coordinator.Streams;

/// <summary>
/// Messages gathered for one commit: room for the entry's header, then the payload, then the metadata. After the write the last 24 bytes
/// before the payload become the header that the app sees, so that a record goes to disk and to the app from the same bytes.
/// </summary>
internal sealed class CommitBuffer(byte[] bytes)
{
    public const int PayloadStart = LogFormat.EntryHeaderSize;

    public byte[] Bytes { get; private set; } = bytes;

    public int PayloadLength { get; set; }

    public List<Watermark> Inputs { get; } = [];

    public bool MetadataOnly => PayloadLength == 0;

    public int Room => Bytes.Length - PayloadStart - PayloadLength;

    public void Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(Bytes.AsSpan(PayloadStart + PayloadLength));
        PayloadLength += part.Length;
    }

    /// <summary>For the one Msg that is bigger than a whole buffer.</summary>
    public void GrowFor(int length) => Bytes = new byte[PayloadStart + length];
}

/// <summary>
/// Gathers received messages while the previous commit is being flushed (group commit). Two buffers of bounded size: a source that finds
/// both full waits for the disk, and for nothing else; what the app does meanwhile does not matter here.
/// </summary>
internal sealed class Intake(BufferPool pool)
{
    private readonly object _gate = new();
    private readonly List<InputSource> _touched = [];
    private CommitBuffer? _current;
    private bool _closed;
    private bool _metadataWanted;

    /// <summary>
    /// Takes in one Msg, given in two parts, that carries <paramref name="count"/> messages of the source. Returns false when
    /// intake has ended.
    /// </summary>
    /// <param name="source">Null for the InitialMessage, which is nobody's.</param>
    public bool Append(InputSource? source, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int count, int replayable)
    {
        var length = head.Length + body.Length;
        lock (_gate)
        {
            while (!_closed && _current is { PayloadLength: > 0 } full && full.Room < length)
                Monitor.Wait(_gate);
            if (_closed)
                return false;
            _current ??= new CommitBuffer(pool.Rent());
            if (_current.Room < length)
            {
                pool.Return(_current.Bytes);
                _current.GrowFor(length);
            }

            var wasEmpty = _current.PayloadLength == 0;
            _current.Append(head);
            _current.Append(body);
            if (source is not null)
                Count(source, count, replayable);
            if (wasEmpty)
                Monitor.PulseAll(_gate);
        }

        return true;
    }

    /// <summary>What a source's next message is numbered, in both countings.</summary>
    public (long Sequence, long Replayable) NextOf(InputSource source)
    {
        lock (_gate)
            return (source.Sequence + 1, source.Replayable + 1);
    }

    /// <summary>Asks the writer for an entry even when no message has come.</summary>
    public void WantMetadata()
    {
        lock (_gate)
        {
            _metadataWanted = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Everything gathered so far; waits for something. Null when intake has ended and all of it was taken.</summary>
    public CommitBuffer? Take()
    {
        lock (_gate)
        {
            while (!_closed && _current is null or { PayloadLength: 0 } && !_metadataWanted)
                Monitor.Wait(_gate);
            if (_current is null or { PayloadLength: 0 } && !_metadataWanted)
                return null;
            var taken = _current ?? new CommitBuffer(pool.Rent());
            _current = null;
            _metadataWanted = false;
            foreach (var source in _touched)
            {
                source.InCurrentBuffer = false;
                taken.Inputs.Add(new Watermark(source.Name, source.Sequence, source.Replayable));
            }

            _touched.Clear();
            Monitor.PulseAll(_gate);
            return taken;
        }
    }

    /// <summary>No more messages; what was gathered is still written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Count(InputSource source, int count, int replayable)
    {
        source.Sequence += count;
        source.Replayable += replayable;
        if (source.InCurrentBuffer)
            return;
        source.InCurrentBuffer = true;
        _touched.Add(source);
    }
}
