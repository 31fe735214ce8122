using System.Globalization;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Benchmarking;

/// <summary>The result as a person reads it.</summary>
public static class BenchmarkTable
{
    public static IEnumerable<string> Lines(AppBenchmarkResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        yield return "Bytes per message      GiB/s      min      max    messages/s  of the disk";
        foreach (var size in result.Sizes)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{size.Bytes,17} {size.GibPerSecond,10:0.0000} {size.Spread.Min,8:0.0000} {size.Spread.Max,8:0.0000} {size.MessagesPerSecond,13:0} {size.RatioToDisk,12:P0}");
        }

        yield return $"Disk, 8 MiB appends flushed to the device: {Figures.GibPerSecond(result.DiskGibPerSecond)} GiB/s";
        foreach (var (process, mebibytes) in result.PeakMemoryMiB.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            yield return string.Create(CultureInfo.InvariantCulture, $"Peak memory of {process}: {mebibytes:0} MiB");
    }
}
