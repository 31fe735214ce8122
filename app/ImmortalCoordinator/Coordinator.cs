using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Ambrosia.Coordinator.AppChannel;
using Ambrosia.Coordinator.Health;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Peers;
using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator;

internal enum CoordinatorState
{
    Starting,

    /// <summary>Another coordinator holds the lease on the log.</summary>
    Waiting,
    Replaying,
    Primary,
    Stopping,
}

/// <summary>
/// One instance's life: lock the log, recover, become primary, commit and deliver until a stop or a failure. The parts do the work;
/// this class ties them together. Threads, not tasks: a handful of long-lived loops with blocking sockets is what was fastest on two cores.
/// </summary>
internal sealed class Coordinator : IPeerHost, IAppHost, IHealthSource, IDisposable
{
    /// <summary>Largest record that the app sees, header included, unless one message alone is bigger (protocol, section 2).</summary>
    private const int MaxRecord = 8 << 20;

    private const int CommitBuffers = 4;
    private const long DeliveryMemory = 32L << 20;

    /// <summary>An app this many bytes behind its log slows the senders down.</summary>
    private const long PaceBacklog = 1L << 30;

    private static readonly TimeSpan AppComplaint = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AppEndPatience = TimeSpan.FromMilliseconds(200);
    /// <summary>So many bytes, weighed by the backlog, cost one pause.</summary>
    private const double PaceBytes = 1 << 20;

    private static readonly TimeSpan PaceStep = TimeSpan.FromMilliseconds(100);

    /// <summary>For what ends by itself, unless a share hangs: then the process ends without it.</summary>
    private static readonly TimeSpan StoragePatience = TimeSpan.FromSeconds(2);

    private readonly RunOptions _options;
    private readonly CoordinatorLog _log;
    private readonly Action<Step> _step;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Ends a start that still waits for the lease.</summary>
    private readonly CancellationTokenSource _startAbandoned = new();
    private readonly TaskCompletionSource<Exception?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BufferPool _commitPool = new(CommitBuffer.PayloadStart + MaxRecord - LogFormat.AppHeaderSize, CommitBuffers);
    private readonly BufferPool _outputPool;
    private readonly Intake _intake;
    private readonly DeliveryQueue _delivery;
    private readonly object _gate = new();
    private readonly Dictionary<string, InputSource> _sources = [];
    private readonly Dictionary<string, OutputQueue> _outputs = [];
    private readonly Dictionary<string, Watermark> _recorded = [];
    private readonly Queue<CheckpointCapture> _captures = new();
    private readonly Dictionary<string, Watermark> _deliveredInputs = [];
    private readonly TaskCompletionSource _becamePrimary = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogDirectory? _directory;
    private RecoveryPlan? _plan;
    private LogIdentity? _identity;
    private PeerNetwork? _network;
    private AppConnection? _connection;
    private AppProcess? _app;
    private Committer? _committer;
    private Thread? _committerThread;
    private HealthServer? _health;
    private byte[]? _initialMessage;
    private long _deliveredNext;
    private double _paceDebt;
    private long _producedSinceCheckpoint;
    private long _replayed;
    private long _checkpoints;
    private volatile CoordinatorState _state = CoordinatorState.Starting;

    /// <summary>What was delivered when the app was asked for a checkpoint.</summary>
    private sealed record CheckpointCapture(long NextSequence, IReadOnlyList<Watermark> Inputs, CheckpointRequest? Request);

    public Coordinator(RunOptions options, CoordinatorLog log, Action<Step>? step = null)
    {
        (_options, _log, _step) = (options, log, step ?? (_ => { }));
        Stopping = _stopping.Token;
        _intake = new Intake(_commitPool);
        _delivery = new DeliveryQueue(_commitPool, DeliveryMemory);
        _outputPool = new BufferPool(OutputQueue.ChunkSize, (int)(options.OutputMemoryBytes / OutputQueue.ChunkSize) + 8);
    }

    public string Instance => _options.Instance;

    public bool Accepting => _state == CoordinatorState.Primary && MayAcknowledge;

    public bool MayAcknowledge => _directory is { MayAcknowledge: true };

    private bool Created => _plan is { Checkpoint: null };

    /// <summary>Kept apart from its source, which is disposed while threads still end.</summary>
    public CancellationToken Stopping { get; }

    public Intake Intake => _intake;

    public bool Primary => _state is CoordinatorState.Primary or CoordinatorState.Stopping;

    public bool Started => _state is CoordinatorState.Primary or CoordinatorState.Stopping;

    public bool Ready => Accepting;

    /// <summary>Runs until <see cref="StopAsync"/>, the app's death or a failure; returns the exit code.</summary>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        try
        {
            if (_options.HealthPort is { } port)
            {
                _health = new HealthServer(_options.HealthHost, port, this);
                _health.Start();
            }

            var recovery = Task.Factory.StartNew(Recover, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Task.WaitAny(recovery, _end.Task);
            if (_end.Task.IsCompleted)
            {
                // It has let go of the lease then, unless the share hangs.
                _startAbandoned.Cancel();
                Task.WaitAny([recovery], StoragePatience);
                return Finish(_end.Task.Result);
            }

            recovery.GetAwaiter().GetResult();
            _network = new PeerNetwork(this, _options, _log, Fail);
            _connection = new AppConnection(_options);
            _app = new AppProcess(_options, _log, Fail);
            _app.Start();
            Start("app connection", () => Converse(clock));
            return Finish(_end.Task.GetAwaiter().GetResult());
        }
        catch (Exception error)
        {
            return Finish(error);
        }
    }

    /// <summary>
    /// A clean stop: intake ends, what was received is committed and delivered, a checkpoint is taken, and <see cref="Run"/> returns 0, so
    /// that the next start has nothing to replay. Gives up after the grace period; the log then holds everything.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            if (_state == CoordinatorState.Stopping)
                return;
            if (_state != CoordinatorState.Primary)
            {
                _log.Info("Stopped before becoming primary; nothing was changed.");
                _end.TrySetResult(null);
                return;
            }

            _state = CoordinatorState.Stopping;
        }

        _log.Info("Stopping: taking a checkpoint.");
        using var deadline = new CancellationTokenSource(grace);
        try
        {
            var request = await Task.Run(() =>
            {
                _network!.EndIntake();
                _intake.Close();
                _committerThread!.Join();
                return _committer!.RequestLastCheckpoint();
            }).WaitAsync(deadline.Token).ConfigureAwait(false);
            var next = await request.Done.WaitAsync(deadline.Token).ConfigureAwait(false);
            _log.Info($"Stopped: the checkpoint holds everything up to log record {next - 1}.");
            _end.TrySetResult(null);
        }
        catch (OperationCanceledException)
        {
            _end.TrySetResult(new CoordinatorException(
                Codes.StopTimedOut, $"No checkpoint within the grace period of {grace.TotalSeconds:0} s.",
                "The app is busy or hangs.", "Nothing is lost: the next start replays the log. Allow more with --grace-period.", ExitCodes.Restart));
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    public InputSource Source(string name)
    {
        lock (_gate)
        {
            if (!_sources.TryGetValue(name, out var source))
                _sources[name] = source = new InputSource(name);
            return source;
        }
    }

    public OutputQueue Output(string destination)
    {
        lock (_gate)
        {
            if (destination == Instance)
                destination = "";
            if (_outputs.TryGetValue(destination, out var queue))
                return queue;
            queue = new OutputQueue(
                destination, _outputPool, _options.OutputMemoryBytes, _directory!.SpillPath(destination), replaying: !Primary);
            _outputs[destination] = queue;
            return queue;
        }
    }

    public void Pace(int bytes)
    {
        var backlog = _delivery.Backlog;
        if (backlog <= PaceBacklog)
            return;

        // The further behind, the slower: an app that hangs for good must not fill the disk at full speed.
        _paceDebt += bytes * (backlog / (double)PaceBacklog);
        if (_paceDebt < PaceBytes)
            return;
        _paceDebt = 0;
        Stopping.WaitHandle.WaitOne(PaceStep);
    }

    public void RecordOutputs() => _committer!.WriteMetadata().GetAwaiter().GetResult();

    public void AttachTo(string destination)
    {
        var queue = Output(destination);
        if (queue.Destination.Length > 0 && Primary)
            _network!.Attach(destination);
    }

    public void Produced(int bytes) => Interlocked.Add(ref _producedSinceCheckpoint, bytes);

    public void InitialMessage(ReadOnlySpan<byte> message)
    {
        if (!Created || _state != CoordinatorState.Replaying)
            throw new ProtocolException("an InitialMessage out of turn");
        _initialMessage = message.ToArray();
    }

    public void CheckpointWanted()
    {
        if (_committer is not null)
            _ = _committer.RequestCheckpoint();
    }

    public async Task<long> TakeCheckpoint()
    {
        var done = (_committer ?? throw new CoordinatorException(Codes.Usage, "Not primary yet.")).RequestCheckpoint().Done;
        if (await Task.WhenAny(done, _end.Task).ConfigureAwait(false) != done && !done.IsCompleted)
            throw new CoordinatorException(Codes.Usage, "The coordinator ended before the checkpoint was taken.");
        return await done.ConfigureAwait(false);
    }

    /// <summary>Runs on the app's reader thread: all output caused by earlier messages is in the queues, and none of later ones.</summary>
    public void Checkpoint(ReadOnlySpan<byte> message, long length, ReadRaw read)
    {
        CheckpointCapture capture;
        lock (_gate)
        {
            if (!_captures.TryDequeue(out capture!))
                throw new ProtocolException("a Checkpoint that nobody asked for");
        }

        try
        {
            WriteCheckpoint(capture, message, length, read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _directory!.Failure(error);
        }

        Interlocked.Increment(ref _checkpoints);
        capture.Request?.Complete(capture.NextSequence);
        _committer?.CheckpointDone();
        if (_state == CoordinatorState.Replaying)
            BecomePrimary();
    }

    public string StatusJson()
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("instance", Instance);
            json.WriteString("state", _state.ToString().ToLowerInvariant());
            json.WriteNumber("epoch", _plan?.Epoch ?? 0);
            json.WriteNumber("nextSequenceId", _committer?.NextSequence ?? _plan?.NextSequence ?? 0);
            json.WriteNumber("deliveredSequenceId", Interlocked.Read(ref _deliveredNext) - 1);
            json.WriteNumber("replayedRecords", Interlocked.Read(ref _replayed));
            json.WriteNumber("checkpoints", Interlocked.Read(ref _checkpoints));
            if (_app?.Id is { } pid)
                json.WriteNumber("appPid", pid);
            else
                json.WriteNull("appPid");
            json.WriteStartArray("peers");
            foreach (var queue in OutputList().Where(queue => queue.Destination.Length > 0))
            {
                json.WriteStartObject();
                json.WriteString("name", queue.Destination);
                json.WriteBoolean("connected", _network?.IsConnected(queue.Destination) ?? false);
                json.WriteNumber("unacknowledged", queue.UnacknowledgedMessages);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(memory.ToArray());
    }

    public void Dispose()
    {
        _network?.Dispose();
        _connection?.Dispose();
        _health?.Dispose();
        _app?.Dispose();

        // On a share that hangs, or that is not ours any more, the files are left to the end of the process.
        if (_directory is null or { MayAcknowledge: true })
        {
            var storage = new Thread(DisposeStorage) { Name = "storage", IsBackground = true };
            storage.Start();
            storage.Join(StoragePatience);
        }

        _stopping.Dispose();
        _startAbandoned.Dispose();
    }

    private void DisposeStorage()
    {
        try
        {
            foreach (var queue in OutputList())
                queue.Dispose();
            _committer?.Dispose();
            _directory?.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Info($"The log was not closed: {error.Message}");
        }
    }

    private void Fail(Exception error) => _end.TrySetResult(error);

    /// <summary>Ends everything, says why, and turns it into an exit code.</summary>
    private int Finish(Exception? error)
    {
        _state = CoordinatorState.Stopping;
        _stopping.Cancel();
        _delivery.Close();
        _intake.Close();
        if (error is null)
        {
            _app?.Stop(TimeSpan.FromMilliseconds(500));
            return ExitCodes.Clean;
        }

        _app?.Kill();
        var known = error as CoordinatorException ?? (error is IOException { InnerException: not SocketException } && _directory is not null
            ? _directory.Failure(error) : new CoordinatorException(
            error is ProtocolException ? Codes.AppProtocol : Codes.Unexpected, error.Message, null, null, ExitCodes.Restart, error));
        _log.Error(known);
        if (known.Code == Codes.Unexpected)
            _log.Info(error.ToString());
        return known.ExitCode;
    }

    private void Start(string name, Action body)
    {
        new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception error)
            {
                // Stopping closes sockets, files and queues under their threads; what they say then is of no interest.
                if (Stopping.IsCancellationRequested)
                    return;
                if (error is ProtocolException)
                    _app!.WaitForEnd(AppEndPatience); // A killed app leaves half a message behind; its end is the cause then.
                Fail(error is SocketException or ObjectDisposedException ? AppGone() : error);
            }
        })
        { Name = name, IsBackground = true }.Start();
    }

    private void Recover()
    {
        Become(_options.Lock == LockKind.Lease ? CoordinatorState.Waiting : CoordinatorState.Starting, CoordinatorState.Starting);
        _directory = LogDirectory.Open(_options, _log, Fail, _startAbandoned.Token);
        Become(CoordinatorState.Starting, CoordinatorState.Waiting);
        try
        {
            _plan = _directory.Plan(_options);
            _directory.Apply(_plan, _options.Durability == DurabilityLevel.Device);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _directory.Failure(error);
        }

        _identity = _plan.Checkpoint?.Header?.Identity is { } known
            ? known with { StateVersion = _options.StateVersion }
            : new LogIdentity(Instance, _options.AppName, _options.StateVersion, RandomNumberGenerator.GetInt32(1, int.MaxValue));
        _deliveredNext = _plan.Checkpoint?.NextSequence ?? 0;
        _log.Info($"Recovering: {_plan.NextSequence - _deliveredNext} log records to replay, epoch {_plan.Epoch}.");
        _initialMessage = _plan.NextSequence == 0 ? _plan.Checkpoint?.Header?.InitialMessage : null;
        if (_plan.Checkpoint?.Header is { } header)
            RestoreWatermarks(header, _plan.Replay);
    }

    private void Become(CoordinatorState next, CoordinatorState from)
    {
        lock (_gate)
        {
            if (_state == from)
                _state = next;
        }
    }

    private void RestoreWatermarks(CheckpointHeader header, IReadOnlyList<ScannedLog> replay)
    {
        foreach (var mark in header.Inputs)
            _deliveredInputs[mark.Name] = mark;
        foreach (var mark in header.Inputs.Concat(replay.SelectMany(log => log.Inputs.Values)))
        {
            var source = Source(mark.Name);
            (source.Sequence, source.Replayable) = (mark.Sequence, mark.Replayable);
            source.SetDurable(mark.Sequence, mark.Replayable);
        }
    }

    /// <summary>Runs on a thread of its own: the connection's whole life, from accepting the app to the last delivered record.</summary>
    private void Converse(Stopwatch clock)
    {
        using (new Timer(_ => _log.Info(AppMissing()), null, AppComplaint, AppComplaint))
            _connection!.Accept(_log);
        _state = CoordinatorState.Replaying;
        using var writer = new AppWriter(_connection!.ToApp!, _identity!);
        var checkpoint = _plan!.Checkpoint is { } found ? CheckpointReader.TryOpen(found.Path) : null;
        if (checkpoint is not null)
            RestoreOutputs(checkpoint, _plan.Replay);
        Start("app reader", () =>
        {
            new AppReader(this, _connection.FromApp!).Run();
            throw AppGone();
        });
        Start("app watcher", () => WatchSendSocket(_connection.ToApp!));
        if (checkpoint is not null)
        {
            using (checkpoint)
                writer.SendCheckpoint(checkpoint);
            Replay(writer);
        }

        Capture(null);
        writer.SendControl(MessageType.TakeBecomingPrimaryCheckpoint);
        _becamePrimary.Task.Wait(Stopping);
        _log.Info($"Ready: primary after {clock.Elapsed.TotalSeconds:0.00} s, {_replayed} log records replayed, epoch {_plan.Epoch}.");
        Deliver(writer);
    }

    private string AppMissing() =>
        $"The app has not connected yet. It must send to port {_options.ReceivePort} (--sp) and receive from port {_options.SendPort} (--rp); waiting on.";

    /// <summary>The app never speaks on the connection on which it listens: whoever does is a stranger who took its place.</summary>
    private void WatchSendSocket(Socket socket)
    {
        Span<byte> one = stackalloc byte[1];
        throw socket.Receive(one) == 0 ? AppGone() : new ProtocolException("something that is not the app connected to the send port");
    }

    /// <summary>A dead app's sockets close a moment before its exit code is known, which says more.</summary>
    private CoordinatorException AppGone()
    {
        _app!.WaitForEnd(AppEndPatience);
        return new CoordinatorException(
            Codes.AppFailed, "The app closed its connection.", "The app ended; its own output, above, says why.", null, ExitCodes.Restart);
    }

    private void RestoreOutputs(CheckpointReader checkpoint, IReadOnlyList<ScannedLog> replay)
    {
        var recorded = new Dictionary<string, Watermark>();
        foreach (var mark in replay.SelectMany(log => log.Outputs.Values))
            recorded[mark.Name] = mark;
        foreach (var state in checkpoint.Header.Outputs)
        {
            var queue = Output(state.Destination);
            var known = recorded.TryGetValue(state.Destination, out var mark);
            queue.Restore(state, known ? mark.Sequence : null);
            if (known)
                queue.SkipThrough(mark.Replayable);
            RestoreSelf(queue);
            while (checkpoint.ReadBlock() is var (messages, _))
                queue.AppendRun(messages);
            if (!queue.IsRestored)
            {
                throw new CoordinatorException(
                    Codes.CheckpointCorrupted, $"{_plan!.Checkpoint!.Path} does not hold all output for {state.Destination} that it names.",
                    "Stored data changed after it was written.", "Restore the file from a copy. Nothing was changed.");
            }

            recorded.Remove(state.Destination);
        }

        // Destinations that the app reached only after the checkpoint.
        foreach (var mark in recorded.Values)
        {
            var queue = Output(mark.Name);
            queue.Restore(new OutputState(mark.Name, 0, 1, 0, false), mark.Sequence);
            queue.SkipThrough(mark.Replayable);
        }

        RestoreSelf(Output(""));
    }

    /// <summary>What an instance sent to itself is held by its own log.</summary>
    private void RestoreSelf(OutputQueue queue)
    {
        if (queue.Destination.Length == 0)
            queue.SkipThrough(Source("").Replayable);
    }

    private void Replay(AppWriter writer)
    {
        foreach (var log in _plan!.Replay)
        {
            var sent = writer.Replay(log, _deliveredNext);
            Interlocked.Add(ref _replayed, sent);
            Interlocked.Exchange(ref _deliveredNext, log.NextSequence);
            foreach (var mark in log.Inputs.Values)
                _deliveredInputs[mark.Name] = mark;
        }
    }

    private void Deliver(AppWriter writer)
    {
        while (_delivery.Dequeue() is { } item)
        {
            if (item.Checkpoint is { } request)
            {
                Capture(request);
                writer.SendControl(MessageType.TakeCheckpoint);
                continue;
            }

            writer.Send(item);
            _delivery.Delivered(item);
            foreach (var mark in item.Inputs)
                _deliveredInputs[mark.Name] = mark;
            Interlocked.Exchange(ref _deliveredNext, item.NextSequence);
        }
    }

    /// <summary>Remembers what the app has been given, before it is asked for a checkpoint of just that.</summary>
    private void Capture(CheckpointRequest? request)
    {
        lock (_gate)
            _captures.Enqueue(new CheckpointCapture(Interlocked.Read(ref _deliveredNext), [.. _deliveredInputs.Values], request));
    }

    private void WriteCheckpoint(CheckpointCapture capture, ReadOnlySpan<byte> message, long length, ReadRaw read)
    {
        var toDevice = _options.Durability == DurabilityLevel.Device;

        // Before the snapshots: what is logged after them, if only a watermark, is not contained.
        var allContained = _committer is null || (_committer.Ended && capture.NextSequence == _committer.NextSequence);
        var snapshots = OutputList().Select(queue => (Queue: queue, Snapshot: queue.Snapshot())).ToArray();
        var header = new CheckpointHeader(
            _identity!, _plan!.Epoch, capture.NextSequence, capture.NextSequence == 0 ? _initialMessage : null, capture.Inputs,
            [.. snapshots.Select(item => item.Snapshot.State)]);
        var path = _directory!.CheckpointPath(capture.NextSequence);
        _step(Step.CheckpointBegun);
        Interlocked.Exchange(ref _producedSinceCheckpoint, 0);
        using (var writer = new CheckpointWriter(path, header))
        {
            foreach (var (queue, snapshot) in snapshots)
                queue.Write(writer, snapshot.Chunks);
            writer.BeginApp(message, length);
            var buffer = new byte[(int)Math.Min(1 << 20, Math.Max(1, length))];
            for (var left = length; left > 0;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, left));
                read(part);
                writer.Write(part);
                left -= part.Length;
            }

            _step(Step.CheckpointWritten);
            writer.Finish(toDevice);
            _step(Step.CheckpointFlushed);
            _directory.EnsureOwned();
            writer.Publish(toDevice);
        }

        _step(Step.CheckpointPublished);
        _directory.DeleteBefore(capture.NextSequence, allContained ? null : _committer!.CurrentLog);
        _step(Step.LogsDeleted);
    }

    /// <summary>Runs on the app's reader thread when the becoming-primary checkpoint is durable.</summary>
    private void BecomePrimary()
    {
        _committer = new Committer(
            _intake, _delivery, _commitPool, _directory!, _identity!, _options, _plan!.Epoch, _plan.NextSequence, ChangedOutputs, MakeDurable, IsMuchProduced, _step);

        // The echo of the InitialMessage is the first thing in the log (protocol, section 4).
        if (_plan.NextSequence == 0)
            _intake.Append(null, _initialMessage ?? throw new ProtocolException("no InitialMessage before the first checkpoint"), default, 0, 0);
        var self = Output("");
        var (sequence, replayable) = _intake.NextOf(Source(""));
        if (self.ReplayFrom(sequence, replayable, out var cursor) != ReplayAnswer.Continue)
            throw new ProtocolException("the app did not replay what it had sent to itself");
        OutputQueue[] outputs;
        lock (_gate)
        {
            if (_state != CoordinatorState.Replaying)
                return;

            // Before the state says so: a stop that comes now waits for this thread.
            _committerThread = new Thread(() => Guard(_committer.Run)) { Name = "committer", IsBackground = true };
            _committerThread.Start();
            _state = CoordinatorState.Primary;
            outputs = [.. _outputs.Values];
        }

        foreach (var queue in outputs)
            queue.BeginPrimary();
        Start("self", () => PumpSelf(self, cursor));
        _network!.Start();
        foreach (var queue in outputs.Where(queue => queue.Destination.Length > 0))
            _network.Attach(queue.Destination);
        _step(Step.BecamePrimary);
        _becamePrimary.TrySetResult();
    }

    private void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>What the app sends to itself goes into the log like everybody else's messages.</summary>
    private void PumpSelf(OutputQueue queue, OutputCursor cursor)
    {
        var source = Source("");
        Span<byte> head = stackalloc byte[Messages.MaxBatchHeader];
        while (!Stopping.IsCancellationRequested)
        {
            if (queue.Next(ref cursor, PeerSocket.Heartbeat) is not { } segment)
                continue;
            try
            {
                var n = Messages.WriteBatchHeader(head, segment.Length, segment.Count, segment.Replayable);
                if (!_intake.Append(
                    source, head[..n], segment.Buffer.AsSpan(segment.Offset, segment.Length), segment.Count, segment.Replayable))
                    return;
            }
            finally
            {
                queue.Return(segment);
            }
        }
    }

    /// <summary>
    /// A small log can stand for much work: an app that sends a great deal for each message it gets would send all of it again at a replay.
    /// </summary>
    private bool IsMuchProduced() => Interlocked.Read(ref _producedSinceCheckpoint) >= _options.TriggerBytes;

    private void MakeDurable(IReadOnlyList<Watermark> inputs)
    {
        foreach (var mark in inputs)
        {
            Source(mark.Name).SetDurable(mark.Sequence, mark.Replayable);
            if (mark.Name.Length == 0)
                Output("").Acknowledge(mark.Sequence, mark.Replayable);
        }
    }

    /// <summary>Output watermarks that changed since they were recorded last.</summary>
    private List<Watermark> ChangedOutputs()
    {
        var changed = new List<Watermark>();
        lock (_gate)
        {
            foreach (var (name, queue) in _outputs)
            {
                if (name.Length == 0 || queue.Watermark() is not { } mark || (_recorded.TryGetValue(name, out var known) && known == mark))
                    continue;
                _recorded[name] = mark;
                changed.Add(mark);
            }
        }

        return changed;
    }

    private OutputQueue[] OutputList()
    {
        lock (_gate)
            return [.. _outputs.Values];
    }
}
