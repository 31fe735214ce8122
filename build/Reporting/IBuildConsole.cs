namespace Ambrosia.Build.Reporting;

/// <summary>Where everything for the user goes: Cake's log, or above a live table while one is shown. Secrets are masked.</summary>
public interface IBuildConsole
{
    /// <summary>True on a terminal that can redraw: outside CI, with output not redirected.</summary>
    bool IsLive { get; }

    /// <summary>A line as it is: results and answers.</summary>
    void Line(string text);

    /// <summary>Something that happened just now; with its time where output is plain.</summary>
    void Event(string text);

    void Warning(string text);

    void Error(string text);

    /// <summary>A table that fills while a run goes on; plain lines where there is no terminal.</summary>
    IThroughputView ShowThroughput();
}

/// <summary>The user's view of a running performance test.</summary>
public interface IThroughputView : IDisposable
{
    void Update(ThroughputSnapshot snapshot);
}

/// <param name="BytesPerMessage">Size of one message.</param>
/// <param name="GibPerSecond">As the Job measured it.</param>
public sealed record ThroughputRow(int BytesPerMessage, double GibPerSecond);

/// <param name="Rows">One row a round that is over, in the order of the rounds.</param>
/// <param name="Rounds">How many rounds there are in all.</param>
/// <param name="ReceivedBytes">Payload that the Server has, now.</param>
/// <param name="ExpectedBytes">Payload of all rounds.</param>
/// <param name="BytesPerSecond">Current rate; null before there is one.</param>
public sealed record ThroughputSnapshot(
    IReadOnlyList<ThroughputRow> Rows, int Rounds, long ReceivedBytes, long ExpectedBytes, double? BytesPerSecond, TimeSpan Elapsed)
{
    public TimeSpan? Remaining => BytesPerSecond is > 0 and var rate
        ? TimeSpan.FromSeconds((ExpectedBytes - ReceivedBytes) / rate)
        : null;
}
