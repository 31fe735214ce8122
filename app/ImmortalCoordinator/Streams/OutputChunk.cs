namespace Ambrosia.Coordinator.Streams;

/// <summary>
/// A run of whole Msgs for one destination. The app's reader appends behind <see cref="Used"/>; senders read what lies before it, which
/// never changes. Everything but the bytes is guarded by the owning queue's lock.
/// </summary>
internal sealed class OutputChunk(byte[] buffer, long firstSequence, long firstReplayable)
{
    /// <summary>Null while the bytes are on disk only.</summary>
    public byte[]? Buffer { get; set; } = buffer;

    /// <summary>Where the bytes lie in the spill file, when they were spilled.</summary>
    public long SpillOffset { get; set; } = -1;

    /// <summary>Number of the first Msg; changes when the stream is renumbered.</summary>
    public long FirstSequence { get; set; } = firstSequence;

    /// <summary>Number that the first replayable Msg in here has, or would have.</summary>
    public long FirstReplayable { get; set; } = firstReplayable;

    public int Used { get; set; }

    public int Count { get; set; }

    public int Replayable { get; set; }

    public OutputChunk? Next { get; set; }

    /// <summary>Readers that use <see cref="Buffer"/> at this moment.</summary>
    public int Readers { get; set; }

    /// <summary>No longer in the queue: the last reader gives the buffer back.</summary>
    public bool Dropped { get; set; }

    public long EndSequence => FirstSequence + Count;

    public long EndReplayable => FirstReplayable + Replayable;
}
