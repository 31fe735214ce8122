using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Benchmarking;

/// <summary>What the disk itself gives: sequential appends, each flushed to the device, as a log writer makes them.</summary>
public static class DiskProbe
{
    private const int BlockBytes = 8 * 1024 * 1024;
    private const int Blocks = 32;

    /// <returns>GiB per second.</returns>
    public static double Measure(string directory, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(time);
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "disk-probe.tmp");
        var block = new byte[BlockBytes];
        // Not zeros: some file systems store those as nothing.
        for (var i = 0; i < block.Length; i++)
            block[i] = (byte)((i * 31) ^ (i >> 8));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        var started = time.GetTimestamp();
        for (var i = 0; i < Blocks; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            file.Write(block);
            file.Flush(flushToDisk: true);
        }

        return (double)BlockBytes * Blocks / Figures.Gibibyte / time.GetElapsedTime(started).TotalSeconds;
    }
}
