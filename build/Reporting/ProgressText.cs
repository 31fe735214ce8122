namespace Ambrosia.Build.Reporting;

/// <summary>The progress line, the same on a terminal and without one.</summary>
public static class ProgressText
{
    public static string Of(ThroughputSnapshot snapshot)
    {
        var text = $"Received {Figures.MiB(snapshot.ReceivedBytes)} of {Figures.MiB(snapshot.ExpectedBytes)}"
            + $" ({Figures.Percent(snapshot.ReceivedBytes, snapshot.ExpectedBytes)})";
        if (snapshot.BytesPerSecond is { } rate)
            text += $", {Figures.Rate(rate)}";
        text += $", {Figures.Clock(snapshot.Elapsed)} elapsed";
        return snapshot.Remaining is { } remaining ? text + $", {Figures.Clock(remaining)} to go" : text;
    }
}
