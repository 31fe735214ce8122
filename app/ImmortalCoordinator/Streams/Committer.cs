using System.IO.Hashing;
using Ambrosia.Coordinator.Native;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Storage;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Streams;

/// <summary>The places at which a test can end the process, to see that no order of events loses a message.</summary>
internal enum Step
{
    RecordWritten,
    RecordFlushed,
    RecordAcknowledged,
    LogSwitched,
    CheckpointBegun,
    CheckpointWritten,
    CheckpointFlushed,
    CheckpointPublished,
    LogsDeleted,
    BecamePrimary,
}

/// <summary>
/// Writes what the intake gathered: one record, one flush to the device, then the acknowledgements, then delivery. Begins a new log file,
/// and asks for a checkpoint, whenever the trigger size is reached.
/// </summary>
internal sealed class Committer : IDisposable
{
    private readonly Intake _intake;
    private readonly DeliveryQueue _delivery;
    private readonly BufferPool _pool;
    private readonly LogDirectory _directory;
    private readonly LogIdentity _identity;
    private readonly RunOptions _options;
    private readonly int _epoch;
    private readonly Action<Step> _step;
    private readonly Func<List<Watermark>> _outputs;
    private readonly Action<IReadOnlyList<Watermark>> _durable;
    private readonly Func<bool> _checkpointDue;
    private readonly Lock _requestGate = new();
    private readonly byte[] _marker = new byte[LogFormat.EntryHeaderSize];
    private readonly ReadOnlyMemory<byte>[] _parts = new ReadOnlyMemory<byte>[2];
    private SafeFileHandle _file;
    private long _position;
    private long _firstOfCurrent;
    private CheckpointRequest? _pendingRequest;
    private long _sinceCheckpoint;
    private bool _checkpointRunning;
    private TaskCompletionSource? _metadataWritten;

    /// <param name="outputs">Output watermarks that changed since the last call.</param>
    /// <param name="checkpointDue">Something other than the log's size asks for a checkpoint.</param>
    /// <param name="durable">Is told the input watermarks that have just become durable.</param>
    public Committer(
        Intake intake, DeliveryQueue delivery, BufferPool pool, LogDirectory directory, LogIdentity identity, RunOptions options, int epoch,
        long nextSequence, Func<List<Watermark>> outputs, Action<IReadOnlyList<Watermark>> durable, Func<bool> checkpointDue,
        Action<Step> step)
    {
        (_intake, _delivery, _pool, _directory, _identity, _options, _epoch) = (intake, delivery, pool, directory, identity, options, epoch);
        (_outputs, _durable, _checkpointDue, _step) = (outputs, durable, checkpointDue, step);
        NextSequence = nextSequence;
        (_file, CurrentLog) = NewFile();
    }

    /// <summary>The ID that the next record will have.</summary>
    public long NextSequence { get; private set; }

    public string CurrentLog { get; private set; }

    /// <summary>Nothing is written any more.</summary>
    public bool Ended { get; private set; }

    private bool ToDevice => _options.Durability == DurabilityLevel.Device;

    /// <summary>Runs until the intake has ended and everything gathered is durable.</summary>
    public void Run()
    {
        while (_intake.Take() is { } buffer)
        {
            TaskCompletionSource? waiting;
            lock (_requestGate)
                (waiting, _metadataWritten) = (_metadataWritten, null);
            Commit(buffer);
            waiting?.TrySetResult();
            SwitchIfDue();
        }

        Ended = true;
    }

    /// <summary>Completes when the output watermarks of this moment are in the log.</summary>
    public Task WriteMetadata()
    {
        Task done;
        lock (_requestGate)
            done = (_metadataWritten ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        _intake.WantMetadata();
        return done;
    }

    /// <summary>Asks for a checkpoint of everything received so far, and a new log behind it.</summary>
    public CheckpointRequest RequestCheckpoint()
    {
        CheckpointRequest request;
        lock (_requestGate)
            request = _pendingRequest ??= new CheckpointRequest();
        _intake.WantMetadata();
        return request;
    }

    /// <summary>After the intake has ended: asks for the last checkpoint.</summary>
    public CheckpointRequest RequestLastCheckpoint()
    {
        CheckpointRequest request;
        lock (_requestGate)
        {
            request = _pendingRequest ?? new CheckpointRequest();
            _pendingRequest = null;
        }

        _delivery.EnqueueCheckpoint(NextSequence, request);
        return request;
    }

    public void CheckpointDone()
    {
        bool wanted;
        lock (_requestGate)
        {
            _checkpointRunning = false;
            wanted = _pendingRequest is not null;
        }

        // Somebody asked while this one was under way, and perhaps no message comes that would set it off.
        if (wanted)
            _intake.WantMetadata();
    }

    public void Dispose() => _file.Dispose();

    private void Commit(CommitBuffer buffer)
    {
        var metadata = LogFormat.WriteMetadata(buffer.Inputs, _outputs());
        var payload = buffer.Bytes.AsSpan(CommitBuffer.PayloadStart, buffer.PayloadLength);
        var check = buffer.MetadataOnly ? 0 : XxHash64.HashToUInt64(payload);
        var header = new EntryHeader(
            buffer.MetadataOnly ? EntryKind.Metadata : EntryKind.Record, NextSequence, payload.Length, metadata.Length, check,
            XxHash64.HashToUInt64(metadata));
        LogFormat.WriteEntryHeader(buffer.Bytes, header);
        var position = _position;
        try
        {
            _parts[0] = buffer.Bytes.AsMemory(0, CommitBuffer.PayloadStart + buffer.PayloadLength);
            _parts[1] = metadata;
            RandomAccess.Write(_file, _parts, _position);
            _position += header.EntryLength;
            _step(Step.RecordWritten);
            if (ToDevice)
                Durable.Flush(_file);
            _step(Step.RecordFlushed);

            // Before anybody is told: a killed process leaves this in the page cache (see LogFormat).
            var sequence = buffer.MetadataOnly ? NextSequence : NextSequence + 1;
            LogFormat.WriteEntryHeader(_marker, new EntryHeader(EntryKind.Flushed, sequence, 0, 0, 0, 0));
            RandomAccess.Write(_file, _marker, _position);
            _position += _marker.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _directory.Failure(error);
        }

        // After the flush: what is acknowledged was on the disk while nobody else could have begun to read it.
        _directory.EnsureOwned();
        _durable(buffer.Inputs);
        _step(Step.RecordAcknowledged);
        _sinceCheckpoint += header.EntryLength;
        if (buffer.MetadataOnly)
        {
            _pool.Return(buffer.Bytes);
            return;
        }

        LogFormat.WriteAppHeader(
            buffer.Bytes.AsSpan(CommitBuffer.PayloadStart - LogFormat.AppHeaderSize), _identity.Committer, buffer.PayloadLength, check, NextSequence);
        _delivery.Enqueue(NextSequence, buffer, CurrentLog, position);
        NextSequence++;
    }

    private void SwitchIfDue()
    {
        CheckpointRequest request;
        lock (_requestGate)
        {
            if (_checkpointRunning || (_pendingRequest is null && _sinceCheckpoint < _options.TriggerBytes && !_checkpointDue()))
                return;
            request = _pendingRequest ?? new CheckpointRequest();
            _pendingRequest = null;
            _checkpointRunning = true;
        }

        if (NextSequence > _firstOfCurrent)
        {
            _file.Dispose();
            (_file, CurrentLog) = NewFile();
        }

        _sinceCheckpoint = 0;
        _step(Step.LogSwitched);
        _delivery.EnqueueCheckpoint(NextSequence, request);
    }

    private (SafeFileHandle File, string Path) NewFile()
    {
        var path = _directory.LogPath(NextSequence, _epoch);
        try
        {
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            var header = LogFormat.FileHeader(_identity, NextSequence, _epoch);
            RandomAccess.Write(file, header, 0);
            _position = header.Length;
            _firstOfCurrent = NextSequence;
            if (ToDevice)
            {
                Durable.Flush(file);
                Durable.FlushDirectory(_directory.Path);
            }

            return (file, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _directory.Failure(error);
        }
    }
}

/// <summary>Turns what the file system said into what a person can do about it.</summary>
internal static class LogIoError
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <param name="onShare">Rights on a share can vanish with its connection or its key, and come back.</param>
    public static CoordinatorException From(Exception error, string directory, bool onShare)
    {
        if (error is IOException && (error.HResult is NoSpace or QuotaExceeded or WindowsDiskFull))
        {
            return new CoordinatorException(
                Codes.DiskFull, $"The disk of {directory} is full.", error.Message,
                "Free space and start again. Nothing that was acknowledged is lost.", inner: error);
        }

        return error is UnauthorizedAccessException && !onShare
            ? LogDirectory.Unwritable(directory, error)
            : new CoordinatorException(
                Codes.LogIo, $"The log in {directory} cannot be written or read: {error.Message}", $"The {(onShare ? "network share" : "disk")} failed or vanished.",
                $"Look at {(onShare ? "the share and its mount" : "the machine's disk")}, and start again. Nothing that was acknowledged is lost.",
                ExitCodes.Restart, error);
    }
}
