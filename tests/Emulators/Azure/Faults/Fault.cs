namespace Ambrosia.Emulators.Azure.Faults;

/// <summary>One injected fault. It meets the first <see cref="Times"/> matching requests after the first <see cref="After"/>.</summary>
public sealed class Fault
{
    private int _seen;
    private int _hits;

    public required string Name { get; init; }

    public required RequestMatch Match { get; init; }

    public required FaultKind Kind { get; init; }

    public int Times { get; init; } = 1;

    public int After { get; init; }

    public int Status { get; init; }

    public string Code { get; init; } = "";

    public string Message { get; init; } = "";

    public TimeSpan? RetryAfter { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>How many requests it has met.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal bool Meets(string method, string path)
    {
        if (!Match.Meets(method, path))
            return false;
        var seen = Interlocked.Increment(ref _seen);
        if (seen <= After || seen > (long)After + Times)
            return false;
        Interlocked.Increment(ref _hits);
        return true;
    }
}
