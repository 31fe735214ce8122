namespace Ambrosia.Build.Platforms.Local.Benchmarking;

/// <summary>What <c>artifacts/benchmark/app.json</c> holds.</summary>
public sealed record AppBenchmarkResult(
    IReadOnlyList<SizeResult> Sizes,
    double DiskGibPerSecond,
    Spread DiskSpread,
    IReadOnlyDictionary<string, double> PeakMemoryMiB,
    MachineFacts Machine,
    DateTimeOffset MeasuredAt);

/// <param name="Bytes">Size of one message.</param>
/// <param name="GibPerSecond">Median over the repetitions of what the Job measured.</param>
/// <param name="MessagesPerSecond">The same as messages.</param>
/// <param name="RatioToDisk">Median over the repetitions of rate / disk rate of the same repetition.</param>
public sealed record SizeResult(
    int Bytes, double GibPerSecond, double MessagesPerSecond, double RatioToDisk, long BytesPerRepetition, Spread Spread, IReadOnlyList<double> Repetitions);

public sealed record Spread(double Min, double Median, double Max)
{
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            throw new ArgumentException("No values.", nameof(values));
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[^1]);
    }
}

public sealed record MachineFacts(int Processors, string OperatingSystem, string Architecture, string Runtime, double MemoryGiB);
