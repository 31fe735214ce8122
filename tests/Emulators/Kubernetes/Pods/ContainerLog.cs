namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>What one life of a container has written.</summary>
internal sealed class ContainerLog(TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset Time, string Text)> _lines = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _life = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when the container ends.</summary>
    public CancellationToken Life => _life.Token;

    /// <summary>Cancelled when the container gets SIGTERM.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public void Append(string line)
    {
        lock (_gate)
        {
            _lines.Add((clock.GetUtcNow(), line));
            Announce();
        }
    }

    public void Stop() => _stopping.Cancel();

    public void End()
    {
        _life.Cancel();
        lock (_gate)
            Announce();
    }

    /// <summary>The lines from an index on, whether more may come, and what ends at the next change.</summary>
    public (IReadOnlyList<(DateTimeOffset Time, string Text)> Lines, bool Ended, Task Changed) Read(int from)
    {
        lock (_gate)
            return (_lines.GetRange(from, _lines.Count - from), _life.IsCancellationRequested, _changed.Task);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _life.Dispose();
    }

    private void Announce()
    {
        var waiting = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.TrySetResult();
    }
}
