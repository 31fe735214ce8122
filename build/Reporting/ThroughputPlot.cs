using System.Globalization;
using ScottPlot;

namespace Ambrosia.Build.Reporting;

/// <summary>Plots as SVG text, to be put into a page.</summary>
public static class ThroughputPlot
{
    private const int Width = 760;
    private const int Height = 320;

    /// <summary>Throughput per message size; null when there is nothing to show.</summary>
    public static string? Rounds(IReadOnlyList<ThroughputRow> rounds)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        if (rounds.Count == 0)
            return null;
        using var plot = new Plot();
        plot.Add.Bars(rounds.Select(round => round.GibPerSecond).ToArray());
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. rounds.Select((_, i) => (double)i)],
            [.. rounds.Select(round => round.BytesPerMessage.ToString(CultureInfo.InvariantCulture))]);
        plot.Axes.Margins(bottom: 0);
        plot.XLabel("bytes per message");
        plot.YLabel("GiB/s");
        return Svg(plot);
    }

    /// <summary>What had arrived, over time; a kill shows as a step. Null when there is nothing to show.</summary>
    public static string? Course(IReadOnlyList<ProgressSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count < 2)
            return null;
        using var plot = new Plot();
        var line = plot.Add.ScatterLine(
            samples.Select(sample => sample.Seconds).ToArray(),
            samples.Select(sample => sample.ReceivedBytes / (double)Figures.Mebibyte).ToArray());
        line.LineWidth = 2;
        plot.XLabel("seconds");
        plot.YLabel("MiB received");
        return Svg(plot);
    }

    private static string Svg(Plot plot)
    {
        var xml = plot.GetSvgXml(Width, Height);
        // Inside a page there is no XML declaration.
        return xml[xml.IndexOf("<svg", StringComparison.Ordinal)..];
    }
}
