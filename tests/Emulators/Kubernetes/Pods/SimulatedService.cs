namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>
/// What a performance test prints in its pods: the Server counts what the Job sends, both replay what they printed since their last checkpoint
/// when they start again, and nothing that was acknowledged is lost. A container that was killed is one that ended. Where the former life of an
/// instance still runs on the node, the next one finds its log locked, and gives up.
/// </summary>
public sealed class SimulatedService
{
    private const long Step = 16L << 20;

    private readonly Lock _gate = new();
    private readonly KubernetesEmulator _cluster;
    private readonly string _server;
    private readonly string _job;
    private readonly int _rounds;
    private readonly long _roundBytes;
    private readonly Dictionary<string, int> _lives = [];
    private readonly HashSet<(string Pod, string Node)> _locks = [];
    private readonly List<(string Pod, bool WasStopped)> _ends = [];
    private long _received;
    /// <summary>Counted: the life of a killed Server may note its end after its successor's beginning.</summary>
    private int _serversAlive;
    private volatile TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SimulatedService(KubernetesEmulator cluster, string server, string job, int rounds, long roundBytes)
    {
        (_cluster, _server, _job, _rounds, _roundBytes) = (cluster, server, job, rounds, roundBytes);
        cluster.OnContainerStarted = LiveAsync;
        cluster.OnExec = ExecAsync;
        _go.SetResult();
    }

    /// <summary>Bytes that come on top of what was sent; negative for bytes that are lost.</summary>
    public long Error { get; init; }

    public TimeSpan PerStep { get; init; } = TimeSpan.FromMilliseconds(150);

    private long Total => _rounds * _roundBytes;

    public long Received
    {
        get
        {
            lock (_gate)
                return _received;
        }
    }

    /// <summary>No work is done until <see cref="Continue"/>.</summary>
    public void Pause() => _go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Continue() => _go.TrySetResult();

    public int LivesOf(string pod)
    {
        lock (_gate)
            return _lives.GetValueOrDefault(pod);
    }

    /// <summary>Of the lives that have ended, in order, whether each was told to stop before (SIGTERM); false for a crash.</summary>
    public IReadOnlyList<bool> StopsOf(string pod)
    {
        lock (_gate)
            return [.. _ends.Where(end => end.Pod == pod).Select(end => end.WasStopped)];
    }

    private async Task LiveAsync(RunningContainer container)
    {
        if (container.Pod != _server && container.Pod != _job)
            return;
        if (!Lock(container))
        {
            container.WriteLine("[coordinator] AMB5102: Another coordinator uses the log directory.");
            container.Exit(78);
            return;
        }

        lock (_gate)
            _lives[container.Pod] = _lives.GetValueOrDefault(container.Pod) + 1;
        container.WriteLine("[coordinator] App started: pid 7");
        container.WriteLine($"[coordinator] Ready: primary of epoch {LivesOf(container.Pod)}");
        try
        {
            if (container.Pod == _server)
                await ServeAsync(container);
            else
                await SendAsync(container);
        }
        catch (OperationCanceledException)
        {
            // It was killed.
        }
    }

    /// <summary>flock: of one machine, and gone with its process at once.</summary>
    private bool Lock(RunningContainer container)
    {
        lock (_gate)
        {
            if (!_locks.Add((container.Pod, container.Node)))
                return false;
        }

        container.Life.Register(() =>
        {
            lock (_gate)
            {
                _locks.Remove((container.Pod, container.Node));
                _ends.Add((container.Pod, container.Stopping.IsCancellationRequested));
            }
        });
        return true;
    }

    private async Task ServeAsync(RunningContainer container)
    {
        var printed = Math.Max(0, (Received / Step) - 2); // replay from the last checkpoint
        CountServer(+1);
        try
        {
            while (true)
            {
                for (var now = Received / Step; printed < now;)
                    container.WriteLine($"Service Received {++printed * Step >> 20} MB so far");
                if (Received >= Total)
                    break;
                await Task.Delay(10, container.Life);
            }

            container.WriteLine($"Bytes received: {Total + Error}");
            container.WriteLine("Out of order: 0");
            container.WriteLine("DONE");
            await Task.Delay(Timeout.Infinite, container.Life);
        }
        finally
        {
            CountServer(-1);
        }
    }

    private async Task SendAsync(RunningContainer container)
    {
        container.WriteLine("Bytes per RPC\tThroughput (GB/sec)");
        for (var round = Math.Max(0, (int)(Received / _roundBytes) - 1); round < _rounds; round++)
        {
            while (Received < (round + 1) * _roundBytes)
            {
                await _go.Task.WaitAsync(container.Life);
                await Task.Delay(PerStep, container.Life);
                lock (_gate)
                {
                    // What is sent to a Server that is not there waits with the sender.
                    if (_serversAlive > 0 && !container.Life.IsCancellationRequested)
                        _received = Math.Min(Total, _received + Step);
                }
            }

            container.WriteLine($"*X* {65536 >> round}\t0.0{round + 1}");
        }

        container.WriteLine("DONE");
        await Task.Delay(Timeout.Infinite, container.Life);
    }

    private void CountServer(int change)
    {
        lock (_gate)
            _serversAlive += change;
    }

    private Task<ExecResult> ExecAsync(ExecCall call, CancellationToken cancellation)
    {
        switch (call.Command)
        {
            case ["ImmortalCoordinator", "status", ..]:
                return Task.FromResult(new ExecResult(
                    0, $$"""{"instance":"x","state":"primary","epoch":{{LivesOf(call.Pod)}},"nextSequenceId":9,"replayedRecords":0,"checkpoints":2,"appPid":7,"peers":[{"name":"y","connected":true,"unacknowledged":3}]}""" + "\n"));
            case ["ImmortalCoordinator", "checkpoint", ..]:
                return Task.FromResult(new ExecResult(0, "{\"nextSequenceId\":9}\n"));
            case ["bash", "-c", _, "kill", "Job" or "Server" or "ImmortalCoordinator"] or ["bash", "-c", _, "kill", "ImmortalCoordinator", "Job" or "Server"]:
                _cluster.State.EndContainer(call.Namespace, call.Pod);
                return Task.FromResult(new ExecResult(137));
            default:
                return Task.FromResult(new ExecResult(127, Stderr: "unexpected: " + string.Join(' ', call.Command)));
        }
    }
}
