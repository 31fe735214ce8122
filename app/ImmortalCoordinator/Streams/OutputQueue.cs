using Ambrosia.Coordinator.Storage;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Streams;

/// <summary>A part of a queue, lent to a sender: whole Msgs that may be sent as one batch.</summary>
/// <param name="Copy">The buffer was filled from the spill file for this segment alone.</param>
internal readonly record struct OutputSegment(
    OutputChunk Chunk, byte[] Buffer, int Offset, int Length, int Count, int Replayable, bool Copy);

/// <summary>How a queue continues at a receiver that asked for (sequence, replayable).</summary>
internal enum ReplayAnswer
{
    Continue,

    /// <summary>The receiver asks for messages that it once said were durable, and that are gone here.</summary>
    ReceiverLostMessages,

    /// <summary>The receiver holds more than the app has produced: this instance lost its log.</summary>
    SenderLostMessages,
}

/// <summary>
/// What one destination has not acknowledged yet, numbered as both ends count: every message in sequence, and the replayable ones apart.
/// <para>
/// Memory is bounded. While the receiver makes progress, a full queue holds the app back; when it makes none, messages go to a spill file,
/// so that an app is never blocked on a dead peer and two instances that flood each other cannot deadlock.
/// </para>
/// </summary>
internal sealed class OutputQueue : IDisposable
{
    public const int ChunkSize = 256 << 10;

    private static readonly TimeSpan DefaultStallTime = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly BufferPool _pool;
    private readonly long _memoryLimit;
    private readonly string _spillPath;
    private readonly TimeSpan _stallTime;
    private SafeFileHandle? _spill;
    private long _spillEnd;
    private int _spilledChunks;
    private OutputChunk? _head;
    private OutputChunk? _tail;
    private long _memory;
    private bool _stalled;
    private bool _closed;
    private long _progress;
    private long _acknowledged;

    // Written by the app's reader alone, published under the lock.
    private byte[] _write = [];
    private int _writeAt;
    private int _writeCount;
    private int _writeReplayable;
    private long _skipThrough;
    private long _restoredThrough;

    /// <param name="replaying">While replaying nobody reads the queue, so a full one spills at once.</param>
    /// <param name="stallTime">A receiver that acknowledges nothing for so long makes no progress; null for a second.</param>
    public OutputQueue(string destination, BufferPool pool, long memoryLimit, string spillPath, bool replaying, TimeSpan? stallTime = null)
    {
        Destination = destination;
        _pool = pool;
        _memoryLimit = memoryLimit;
        _spillPath = spillPath;
        _stallTime = stallTime ?? DefaultStallTime;
        _stalled = replaying;
        Contacted = destination.Length == 0;
    }

    /// <summary>Name of the receiver; empty for self.</summary>
    public string Destination { get; }

    /// <summary>Number of the last message that the app produced.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Number of the last replayable message that the app produced.</summary>
    public long LastReplayable { get; private set; }

    /// <summary>The receiver's own count was heard in this life, so its acknowledgements can be understood.</summary>
    public bool Confirmed { get; private set; }

    /// <summary>Replayable messages up to this number are durable at the receiver.</summary>
    public long AcknowledgedReplayable { get; private set; }

    /// <summary>
    /// By how much the replayable numbers were shifted because the receiver remembers an older existence of this instance. Recorded in the
    /// log before the first message is sent, since the receiver's numbers cannot be understood without it.
    /// </summary>
    public long Base { get; private set; }

    /// <summary>
    /// The receiver was heard in this existence of the instance (not only in this life). Recorded together with <see cref="Base"/>.
    /// </summary>
    public bool Contacted { get; private set; }

    /// <summary>Replayable messages up to this number are gone from the queue.</summary>
    private long TrimmedReplayable { get; set; }

    public long UnacknowledgedMessages
    {
        get
        {
            lock (_gate)
                return LastReplayable - Math.Min(LastReplayable, AcknowledgedReplayable);
        }
    }

    /// <summary>Starts from a checkpoint: numbers as the replayable ones, since Impulses do not survive their sender.</summary>
    /// <param name="recordedBase">The base that the log behind the checkpoint recorded last; null when it recorded none.</param>
    public void Restore(OutputState state, long? recordedBase)
    {
        Contacted |= state.Contacted || recordedBase is not null;
        Base = recordedBase ?? state.Base;
        LastSequence = LastReplayable = state.FirstReplayable - 1 + Base - state.Base;
        _restoredThrough = state.LastReplayable + Base - state.Base;
        TrimmedReplayable = AcknowledgedReplayable = LastReplayable;
    }

    /// <summary>Replay produces again what the receiver already has: such messages are counted and not kept.</summary>
    public void SkipThrough(long replayable)
    {
        lock (_gate)
        {
            _skipThrough = Math.Max(_skipThrough, replayable);
            AcknowledgedReplayable = Math.Max(AcknowledgedReplayable, replayable);
        }
    }

    /// <summary>
    /// Room for one Msg of at most <paramref name="size"/> bytes. Only the app's reader calls this. It waits while the receiver is merely
    /// slow. Ends with <see cref="Commit"/>; <see cref="Publish"/> shows what was committed to the senders.
    /// </summary>
    public Span<byte> Reserve(int size)
    {
        if (_tail is null || _write.Length - _writeAt < size)
        {
            Publish();
            NewChunk(size);
        }

        return _write.AsSpan(_writeAt);
    }

    /// <param name="bytes">What was really written; 0 is never committed.</param>
    public void Commit(int bytes, bool replayable)
    {
        if (replayable && LastReplayable + _writeReplayable + 1 <= _skipThrough)
        {
            CountOnly();
            return;
        }

        _writeAt += bytes;
        _writeCount++;
        if (replayable)
            _writeReplayable++;
    }

    public void Publish()
    {
        if (_writeCount == 0)
            return;
        lock (_gate)
        {
            var tail = _tail!;
            tail.Used = _writeAt;
            tail.Count += _writeCount;
            tail.Replayable += _writeReplayable;
            LastSequence += _writeCount;
            LastReplayable += _writeReplayable;
            _writeCount = _writeReplayable = 0;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Appends whole Msgs at once: for restoring from a checkpoint.</summary>
    public void AppendRun(ReadOnlySpan<byte> run)
    {
        while (run.Length > 0)
        {
            var n = Messages.First(run, out var impulse);
            run[..n].CopyTo(Reserve(n));
            Commit(n, !impulse);
            run = run[n..];
        }

        Publish();
    }

    /// <summary>True when a checkpoint's messages led exactly to the number that it names as the last.</summary>
    public bool IsRestored => LastReplayable == _restoredThrough;

    /// <summary>A life has begun in which senders read the queue: from here on a full queue waits for a receiver that makes progress.</summary>
    public void BeginPrimary()
    {
        lock (_gate)
            _stalled = false;
    }

    /// <summary>
    /// The receiver wants (<paramref name="sequence"/>, <paramref name="replayable"/>) next. Numbers are never transmitted, so when ours
    /// and the receiver's differ (our Impulses died with an earlier life, or the receiver lost what it had not logged), ours are shifted.
    /// </summary>
    public ReplayAnswer ReplayFrom(long sequence, long replayable, out OutputCursor cursor)
    {
        lock (_gate)
        {
            cursor = default;
            if (!Contacted)
            {
                // Never heard before: what it remembers is an older existence of this instance.
                Contacted = true;
                Base = replayable - 1 - TrimmedReplayable;
                Shift(sequence - FirstKept, Base);
            }

            if (replayable - 1 < TrimmedReplayable)
                return ReplayAnswer.ReceiverLostMessages;
            if (replayable - 1 > LastReplayable)
                return ReplayAnswer.SenderLostMessages;

            cursor = Locate(replayable);
            var upTo = LocateReplayable(cursor);
            if (!Confirmed || sequence < cursor.Sequence || sequence > upTo.Sequence)
                Shift(sequence - cursor.Sequence, 0);
            Confirmed = true;
            _acknowledged = Math.Min(_acknowledged, sequence - 1);
            cursor = Advance(Locate(replayable), sequence);
            return ReplayAnswer.Continue;
        }
    }

    /// <summary>
    /// The next messages from the cursor on, waiting up to <paramref name="wait"/> for some; null when none came. Give them back with
    /// <see cref="Return"/>.
    /// </summary>
    public OutputSegment? Next(ref OutputCursor cursor, TimeSpan wait)
    {
        lock (_gate)
        {
            for (var waited = false; ;)
            {
                if (_closed)
                    return null;
                if (cursor.Chunk is null && _head is not null)
                    cursor = new OutputCursor(_head, 0, 0, 0, _head.FirstSequence);
                while (cursor.Chunk is { } at && cursor.Offset == at.Used && at.Next is { } next)
                    cursor = new OutputCursor(next, 0, 0, 0, next.FirstSequence);
                if (cursor.Chunk is { } chunk && cursor.Offset < chunk.Used)
                    return Lend(chunk, ref cursor);
                if (waited)
                    return null;
                Monitor.Wait(_gate, wait);
                waited = true;
            }
        }
    }

    public void Return(in OutputSegment segment)
    {
        lock (_gate)
        {
            var chunk = segment.Chunk;
            chunk.Readers--;
            if (segment.Copy)
                _pool.Return(segment.Buffer);
            if (chunk.Dropped && chunk.Readers == 0)
                Forget(chunk);
        }
    }

    /// <summary>The receiver holds everything up to here durably.</summary>
    public void Acknowledge(long sequence, long replayable)
    {
        lock (_gate)
        {
            if (!Confirmed || sequence > LastSequence || replayable > LastReplayable)
                return;
            AcknowledgedReplayable = Math.Max(AcknowledgedReplayable, replayable);
            var dropped = false;
            while (_head is { } chunk && chunk.EndSequence - 1 <= sequence && chunk.Count > 0)
            {
                // The last chunk is still being written to: it stays until it is full, unless nothing is pending in it.
                if (chunk.Next is null && (chunk == _tail))
                    break;
                TrimmedReplayable = chunk.EndReplayable - 1;
                _head = chunk.Next;
                if (_head is null)
                    _tail = null;
                Drop(chunk);
                dropped = true;
            }

            if (sequence > _acknowledged)
            {
                _acknowledged = sequence;
                _progress++;
            }

            if (dropped)
            {
                if (_memory < _memoryLimit / 2)
                    _stalled = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>
    /// What the log records of this queue: <see cref="Base"/> as the sequence, and what is acknowledged; null before the first contact.
    /// Taken under the lock, since half of a first contact in the log would renumber everything after a crash.
    /// </summary>
    public Watermark? Watermark()
    {
        lock (_gate)
            return Contacted ? new Watermark(Destination, Base, AcknowledgedReplayable) : null;
    }

    /// <summary>What a checkpoint must keep, at this point between two of the app's messages.</summary>
    public (OutputState State, IReadOnlyList<OutputChunk> Chunks) Snapshot()
    {
        lock (_gate)
        {
            var chunks = new List<OutputChunk>();
            for (var chunk = _head; chunk is not null; chunk = chunk.Next)
            {
                if (chunk.EndReplayable - 1 <= AcknowledgedReplayable)
                    continue;
                chunk.Readers++;
                chunks.Add(chunk);
            }

            var first = chunks.Count > 0 ? chunks[0].FirstReplayable : LastReplayable + 1;
            return (new OutputState(Destination, LastReplayable, first, Base, Contacted), chunks);
        }
    }

    /// <summary>Writes a snapshot's replayable messages and gives its chunks back.</summary>
    public void Write(CheckpointWriter writer, IReadOnlyList<OutputChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            OutputSegment segment;
            lock (_gate)
            {
                var buffer = Load(chunk);
                segment = new OutputSegment(chunk, buffer, 0, chunk.Used, chunk.Count, chunk.Replayable, chunk.Buffer is null);
            }

            try
            {
                WriteReplayable(writer, segment);
            }
            finally
            {
                Return(segment);
            }
        }

        writer.EndBlocks();
    }

    /// <summary>Wakes and ends everybody who waits on the queue.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Wakes senders, so that they look at their own state again.</summary>
    public void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    public void Dispose()
    {
        Close();
        lock (_gate)
        {
            _spill?.Dispose();
            _spill = null;
        }
    }

    private long FirstKept => _head?.FirstSequence ?? LastSequence + 1;

    private static void WriteReplayable(CheckpointWriter writer, in OutputSegment segment)
    {
        var run = segment.Buffer.AsSpan(0, segment.Length);
        if (segment.Count == segment.Replayable)
        {
            if (segment.Count > 0)
                writer.WriteBlock(run, segment.Count);
            return;
        }

        while (run.Length > 0)
        {
            var n = Messages.First(run, out var impulse);
            if (!impulse)
                writer.WriteBlock(run[..n], 1);
            run = run[n..];
        }
    }

    private void CountOnly()
    {
        Publish();
        lock (_gate)
        {
            LastSequence++;
            LastReplayable++;
            TrimmedReplayable = LastReplayable;
            if (_tail is { Count: 0 } empty)
            {
                empty.FirstSequence = LastSequence + 1;
                empty.FirstReplayable = LastReplayable + 1;
            }
        }
    }

    private void NewChunk(int size)
    {
        lock (_gate)
        {
            while (_memory >= _memoryLimit && !_stalled && !_closed)
            {
                var before = _progress;
                if (!Monitor.Wait(_gate, _stallTime) && _progress == before)
                    _stalled = true;
            }

            if (_memory >= _memoryLimit && _tail is { Buffer: not null, Count: > 0 } full)
                Spill(full);
            var buffer = size <= ChunkSize ? _pool.Rent() : new byte[size];
            var chunk = new OutputChunk(buffer, LastSequence + 1, LastReplayable + 1);
            if (_tail is { } last)
                last.Next = chunk; // Of an unused one too: a sender may wait on it already.
            if (_tail is { Count: 0 } unused)
                Drop(Unlink(unused));
            _head ??= chunk;
            _tail = chunk;
            _memory += buffer.Length;
            (_write, _writeAt) = (buffer, 0);
        }
    }

    /// <summary>Takes an empty last chunk out again (it was too small for the next message).</summary>
    private OutputChunk Unlink(OutputChunk unused)
    {
        if (_head == unused)
        {
            _head = null;
            return unused;
        }

        throw new InvalidOperationException("An empty chunk follows a filled one.");
    }

    private void Spill(OutputChunk chunk)
    {
        _spill ??= File.OpenHandle(_spillPath, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.DeleteOnClose);
        RandomAccess.Write(_spill, chunk.Buffer.AsSpan(0, chunk.Used), _spillEnd);
        chunk.SpillOffset = _spillEnd;
        _spillEnd += chunk.Used;
        _spilledChunks++;
        if (chunk.Readers == 0)
            Release(chunk);
        else
            _memory -= ForgetBuffer(chunk);
    }

    /// <summary>A reader still holds the buffer, which is left to the garbage collector.</summary>
    private static int ForgetBuffer(OutputChunk chunk)
    {
        var length = chunk.Buffer!.Length;
        chunk.Buffer = null;
        return length;
    }

    private void Release(OutputChunk chunk)
    {
        if (chunk.Buffer is not { } buffer)
            return;
        _memory -= buffer.Length;
        chunk.Buffer = null;
        _pool.Return(buffer);
    }

    private void Drop(OutputChunk chunk)
    {
        chunk.Dropped = true;
        if (chunk.Readers == 0)
            Forget(chunk);
    }

    /// <summary>Gives back what a dropped chunk holds. A checkpoint may read it from the spill file long after it was dropped.</summary>
    private void Forget(OutputChunk chunk)
    {
        Release(chunk);
        if (chunk.SpillOffset >= 0 && --_spilledChunks == 0 && _spill is not null)
        {
            RandomAccess.SetLength(_spill, 0);
            _spillEnd = 0;
        }
    }

    private byte[] Load(OutputChunk chunk)
    {
        if (chunk.Buffer is { } buffer)
            return buffer;
        var copy = chunk.Used <= ChunkSize ? _pool.Rent() : new byte[chunk.Used];
        if (!LogScanner.ReadFully(_spill!, copy.AsSpan(0, chunk.Used), chunk.SpillOffset))
            throw new IOException("The spill file ended early.");
        return copy;
    }

    private OutputSegment Lend(OutputChunk chunk, ref OutputCursor cursor)
    {
        var buffer = Load(chunk);
        chunk.Readers++;
        var segment = new OutputSegment(
            chunk, buffer, cursor.Offset, chunk.Used - cursor.Offset, chunk.Count - cursor.Count, chunk.Replayable - cursor.Replayable,
            chunk.Buffer is null);
        cursor = new OutputCursor(chunk, chunk.Used, chunk.Count, chunk.Replayable, chunk.EndSequence);
        return segment;
    }

    private void Shift(long sequence, long replayable)
    {
        if (sequence == 0 && replayable == 0)
            return;
        LastSequence += sequence;
        LastReplayable += replayable;
        TrimmedReplayable += replayable;
        AcknowledgedReplayable += replayable;
        for (var chunk = _head; chunk is not null; chunk = chunk.Next)
        {
            chunk.FirstSequence += sequence;
            chunk.FirstReplayable += replayable;
        }
    }

    /// <summary>The place of the first message after replayable number <paramref name="replayable"/> − 1.</summary>
    private OutputCursor Locate(long replayable)
    {
        for (var chunk = _head; chunk is not null; chunk = chunk.Next)
        {
            if (replayable <= chunk.FirstReplayable)
                return new OutputCursor(chunk, 0, 0, 0, chunk.FirstSequence);
            if (replayable <= chunk.EndReplayable && (replayable < chunk.EndReplayable || chunk.Next is null || EndsReplayable(chunk)))
                return Walk(chunk, (passed, _) => passed == replayable - chunk.FirstReplayable);
        }

        return new OutputCursor(null, 0, 0, 0, LastSequence + 1);
    }

    /// <summary>True when Impulses follow the chunk's last replayable message inside the chunk.</summary>
    private static bool EndsReplayable(OutputChunk chunk) => chunk.Count > chunk.Replayable;

    /// <summary>From a place behind some replayable message, the place right before the next replayable one.</summary>
    private OutputCursor LocateReplayable(OutputCursor from)
    {
        for (var at = from; at.Chunk is { } chunk; at = new OutputCursor(chunk.Next, 0, 0, 0, chunk.EndSequence))
        {
            if (at.Replayable == chunk.Replayable)
                continue;
            var replayable = at.Replayable;
            var end = Walk(chunk, (passed, nextImpulse) => passed == replayable && nextImpulse == false);
            return end;
        }

        return new OutputCursor(null, 0, 0, 0, LastSequence + 1);
    }

    private OutputCursor Advance(OutputCursor from, long sequence)
    {
        while (from.Chunk is { } chunk && from.Sequence < sequence)
        {
            if (sequence >= chunk.EndSequence)
            {
                if (chunk.Next is null)
                    return new OutputCursor(chunk, chunk.Used, chunk.Count, chunk.Replayable, chunk.EndSequence);
                from = new OutputCursor(chunk.Next, 0, 0, 0, chunk.EndSequence);
                continue;
            }

            return WalkCount(chunk, (int)(sequence - chunk.FirstSequence));
        }

        return from;
    }

    private OutputCursor WalkCount(OutputChunk chunk, int count)
    {
        var buffer = Load(chunk);
        var (offset, replayable) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            offset += Messages.First(buffer.AsSpan(offset, chunk.Used - offset), out var impulse);
            if (!impulse)
                replayable++;
        }

        if (!ReferenceEquals(buffer, chunk.Buffer))
            _pool.Return(buffer);
        return new OutputCursor(chunk, offset, count, replayable, chunk.FirstSequence + count);
    }

    /// <param name="stop">Is told how many replayable messages lie before a place, and whether the next message is an Impulse (null at the end).</param>
    private OutputCursor Walk(OutputChunk chunk, Func<int, bool?, bool> stop)
    {
        var buffer = Load(chunk);
        var (offset, count, replayable) = (0, 0, 0);
        while (offset < chunk.Used)
        {
            var n = Messages.First(buffer.AsSpan(offset, chunk.Used - offset), out var impulse);
            if (stop(replayable, impulse))
                break;
            offset += n;
            count++;
            if (!impulse)
                replayable++;
        }

        if (!ReferenceEquals(buffer, chunk.Buffer))
            _pool.Return(buffer);
        return new OutputCursor(chunk, offset, count, replayable, chunk.FirstSequence + count);
    }
}

/// <summary>A place in a queue: so many bytes, messages and replayable messages into a chunk. No chunk: at the queue's beginning or end.</summary>
internal readonly record struct OutputCursor(OutputChunk? Chunk, int Offset, int Count, int Replayable, long Sequence);
