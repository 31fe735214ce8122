using Ambrosia.Coordinator.Storage;

namespace Ambrosia.Coordinator.Streams;

/// <summary>
/// One thing for the app: a durable log record in memory, a run of records to be read back from their log file, or a request for a
/// checkpoint.
/// </summary>
internal sealed class DeliveryItem(long sequence, byte[]? buffer, int offset, string logPath, long filePosition, CheckpointRequest? checkpoint)
{
    /// <summary>ID of the first record.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Number of records.</summary>
    public int Count { get; set; } = 1;

    /// <summary>ID of the first record behind the item: what a checkpoint taken after it leaves to be replayed.</summary>
    public long NextSequence => Sequence + Count;

    /// <summary>App header and payload from <see cref="Offset"/> on; null when the bytes must be read from the file.</summary>
    public byte[]? Buffer { get; } = buffer;

    public int Offset { get; } = offset;

    /// <summary>Bytes for the app, headers included.</summary>
    public long Length { get; set; }

    public string LogPath { get; } = logPath;

    public long FilePosition { get; } = filePosition;

    /// <summary>Input watermarks that count as delivered with the item.</summary>
    public List<Watermark> Inputs { get; } = [];

    public CheckpointRequest? Checkpoint { get; } = checkpoint;

    public bool IsOnDisk => Buffer is null && Checkpoint is null;

    public void AddInputs(List<Watermark> marks)
    {
        foreach (var mark in marks)
        {
            var known = Inputs.FindIndex(input => input.Name == mark.Name);
            if (known >= 0)
                Inputs[known] = mark;
            else
                Inputs.Add(mark);
        }
    }
}

/// <summary>Somebody waits for a checkpoint of everything before a sequence ID.</summary>
internal sealed class CheckpointRequest
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the checkpoint's next sequence ID when it is durable.</summary>
    public Task<long> Done => _done.Task;

    public void Complete(long nextSequence) => _done.TrySetResult(nextSequence);
}

/// <summary>
/// Durable records on their way to the app. Intake never waits for it: beyond <paramref name="memoryLimit"/> bytes a record keeps only its
/// place in the log, and is read back when its turn comes.
/// </summary>
internal sealed class DeliveryQueue(BufferPool pool, long memoryLimit)
{
    /// <summary>Records up to this size are copied out of their commit buffer, so that small ones do not pin large buffers.</summary>
    private const int CopyLimit = 64 << 10;

    /// <summary>Records on disk are gathered into runs of about so much, so that many small ones take no memory of their own.</summary>
    private const long RunLimit = 16 << 20;

    private readonly object _gate = new();
    private readonly Queue<DeliveryItem> _items = new();
    private DeliveryItem? _last;
    private long _memory;
    private long _backlog;
    private bool _closed;

    /// <summary>Bytes that are durable and not yet given to the app.</summary>
    public long Backlog
    {
        get
        {
            lock (_gate)
                return _backlog;
        }
    }

    /// <summary>Queues a written record. The commit buffer belongs to the queue from here on.</summary>
    public void Enqueue(long sequence, CommitBuffer buffer, string logPath, long filePosition)
    {
        const int appOffset = CommitBuffer.PayloadStart - LogFormat.AppHeaderSize;
        var length = LogFormat.AppHeaderSize + buffer.PayloadLength;
        lock (_gate)
        {
            _backlog += length;
            if (!TryAddToRun(sequence, buffer, length, logPath))
            {
                byte[]? bytes = null;
                var offset = 0;
                if (length <= CopyLimit && _memory + length <= memoryLimit)
                {
                    bytes = GC.AllocateUninitializedArray<byte>(length);
                    buffer.Bytes.AsSpan(appOffset, length).CopyTo(bytes);
                }
                else if (length > CopyLimit && (_memory + buffer.Bytes.Length <= memoryLimit || _memory == 0))
                {
                    (bytes, offset) = (buffer.Bytes, appOffset);
                }

                _memory += bytes?.Length ?? 0;
                if (!ReferenceEquals(bytes, buffer.Bytes))
                    pool.Return(buffer.Bytes);
                var item = new DeliveryItem(sequence, bytes, offset, logPath, filePosition, null) { Length = length };
                item.AddInputs(buffer.Inputs);
                Add(item);
            }

            Monitor.PulseAll(_gate);
        }
    }

    public void EnqueueCheckpoint(long nextSequence, CheckpointRequest request)
    {
        lock (_gate)
        {
            Add(new DeliveryItem(nextSequence, null, 0, "", 0, request) { Count = 0 });
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next item; null when the queue is closed.</summary>
    public DeliveryItem? Dequeue()
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return null;
            if (_items.Count == 1)
                _last = null;
            return _items.Dequeue();
        }
    }

    /// <summary>The app has the item.</summary>
    public void Delivered(DeliveryItem item)
    {
        lock (_gate)
        {
            _backlog -= item.Length;
            if (item.Buffer is not { } buffer)
                return;
            _memory -= buffer.Length;
            pool.Return(buffer);
            Monitor.PulseAll(_gate);
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>An app that hangs leaves millions of small records behind it: on disk they stand beside one another already.</summary>
    private bool TryAddToRun(long sequence, CommitBuffer buffer, int length, string logPath)
    {
        if (_last is not { IsOnDisk: true } run || run.LogPath != logPath || run.NextSequence != sequence || run.Length > RunLimit)
            return false;
        run.Count++;
        run.Length += length;
        run.AddInputs(buffer.Inputs);
        pool.Return(buffer.Bytes);
        return true;
    }

    private void Add(DeliveryItem item)
    {
        _items.Enqueue(item);
        _last = item;
    }
}
