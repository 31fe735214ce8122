namespace Ambrosia.Build.Tests.Cli;

/// <summary>Lines of a child, and the wait for one of them.</summary>
public sealed class Lines
{
    private readonly Lock _lock = new();
    private readonly List<string> _all = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
                return [.. _all];
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _all.Add(line);
            _more.SetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The first line that starts so.</summary>
    public async Task<string> WaitForAsync(string start, CancellationToken cancellation)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_all.Find(line => line.StartsWith(start, StringComparison.Ordinal)) is { } found)
                    return found;
                more = _more.Task;
            }

            await more.WaitAsync(cancellation);
        }
    }
}
