using Ambrosia.Coordinator.Storage;

namespace Ambrosia.Coordinator.Streams;

/// <summary>
/// One thing for the app: a durable log record, in memory or else to be read back from its log file, or a request for a checkpoint.
/// </summary>
/// <param name="Buffer">App header and payload from <paramref name="Offset"/> on; null when the bytes must be read from the file.</param>
/// <param name="Inputs">Input watermarks of the record, which count as delivered with it.</param>
internal sealed record DeliveryItem(
    long Sequence, byte[]? Buffer, int Offset, int Length, string LogPath, long FilePosition, IReadOnlyList<Watermark> Inputs, CheckpointRequest? Checkpoint);

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

    private readonly object _gate = new();
    private readonly Queue<DeliveryItem> _items = new();
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
            byte[]? bytes = null;
            var offset = 0;
            if (length <= CopyLimit && _memory + length <= memoryLimit)
            {
                bytes = GC.AllocateUninitializedArray<byte>(length);
                buffer.Bytes.AsSpan(appOffset, length).CopyTo(bytes);
                pool.Return(buffer.Bytes);
                _memory += length;
            }
            else if (_memory + buffer.Bytes.Length <= memoryLimit || _items.Count == 0)
            {
                (bytes, offset) = (buffer.Bytes, appOffset);
                _memory += bytes.Length;
            }
            else
            {
                pool.Return(buffer.Bytes);
            }

            _backlog += length;
            _items.Enqueue(new DeliveryItem(sequence, bytes, offset, length, logPath, filePosition, buffer.Inputs, null));
            Monitor.PulseAll(_gate);
        }
    }

    public void EnqueueCheckpoint(long nextSequence, CheckpointRequest request)
    {
        lock (_gate)
        {
            _items.Enqueue(new DeliveryItem(nextSequence, null, 0, 0, "", 0, [], request));
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
            return _closed ? null : _items.Dequeue();
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
}
