using System.Runtime.InteropServices;
using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Benchmarking;

/// <summary>
/// Measures the service on this machine: one fresh run a repetition and size, with flushing to the device, beside the disk's own rate.
/// Sizes alternate within a repetition, so that a machine that slows down touches all of them alike.
/// </summary>
public sealed class AppBenchmark(ISettingsProvider settings, BuildPaths paths, RunLauncher launcher, RunServices services)
{
    private const int Repetitions = 3;

    /// <summary>Message size and payload of one run: about a second and more of work, so that starting up does not show.</summary>
    private static readonly (int Bytes, long Payload)[] Sizes =
    [
        (65536, Figures.Gibibyte),
        (8192, Figures.Gibibyte),
        (512, Figures.Gibibyte),
        (64, 512 * Figures.Mebibyte),
        (16, 256 * Figures.Mebibyte),
    ];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <exception cref="BuildException">AMB6004: there is no performance test to measure, or a run of it cannot be counted.</exception>
    public async Task<StepOutcome> MeasureAsync(CancellationToken cancellation)
    {
        if (settings.Settings.Verify.Kind != VerifyKind.PerformanceTest)
        {
            throw new BuildException(
                ErrorCode.BenchmarkFailed,
                "Benchmark measures the performance test's instances (verify.kind is not performanceTest).",
                remedy: "Run it without --config, or set verify.kind to performanceTest.");
        }

        var rates = Sizes.ToDictionary(size => size.Bytes, _ => new List<double>());
        var ratios = Sizes.ToDictionary(size => size.Bytes, _ => new List<double>());
        var disk = new List<double>();
        var peaks = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var repetition = 1; repetition <= Repetitions; repetition++)
        {
            var diskRate = DiskProbe.Measure(paths.Benchmark, services.Time, cancellation);
            disk.Add(diskRate);
            services.Console.Event($"Repetition {repetition} of {Repetitions}: disk {Figures.GibPerSecond(diskRate)} GiB/s (8 MiB appends, flushed)");
            foreach (var (bytes, payload) in Sizes)
            {
                var rate = await MeasureOnceAsync(bytes, payload, peaks, cancellation);
                rates[bytes].Add(rate);
                ratios[bytes].Add(rate / diskRate);
                services.Console.Event($"{bytes,6} bytes per message: {Figures.GibPerSecond(rate)} GiB/s");
            }
        }

        var result = new AppBenchmarkResult(
            [.. Sizes.Select(size => Summarise(size.Bytes, size.Payload, rates[size.Bytes], ratios[size.Bytes]))],
            Spread.Of(disk).Median, Spread.Of(disk), peaks, Machine(), services.Time.GetUtcNow());
        var path = await WriteAsync(result, cancellation);
        foreach (var line in BenchmarkTable.Lines(result))
            services.Console.Line(line);
        return new StepOutcome($"written to {path}");
    }

    private async Task<double> MeasureOnceAsync(int bytes, long payload, Dictionary<string, double> peaks, CancellationToken cancellation)
    {
        var verify = settings.Settings.Verify with
        {
            Rounds = 1,
            RoundBytes = payload,
            MaxMessageBytes = bytes,
        };
        var plan = launcher.Fresh("Benchmark", settings.Settings with { Verify = verify });
        var progress = await launcher.RunAsync(plan, [new PeakMemoryObserver(services.Processes, peaks)], cancellation);
        var verdict = OracleVerdict.Judge(progress, verify.ExpectedBytes);
        if (!verdict.Holds || progress.Rounds is not [var round])
        {
            throw new BuildException(
                ErrorCode.BenchmarkFailed,
                $"The run of {bytes} bytes per message cannot be counted: {verdict.Text}.",
                toolOutput: RunOutput.LastLines(plan.Directory, plan.Settings));
        }

        Directory.Delete(plan.Directory.Path, recursive: true);
        return round.GibPerSecond;
    }

    private static SizeResult Summarise(int bytes, long payload, List<double> rates, List<double> ratios)
    {
        var spread = Spread.Of(rates);
        return new SizeResult(
            bytes, spread.Median, Math.Round(spread.Median * Figures.Gibibyte / bytes), Spread.Of(ratios).Median, payload, spread, rates);
    }

    private async Task<string> WriteAsync(AppBenchmarkResult result, CancellationToken cancellation)
    {
        Directory.CreateDirectory(paths.Benchmark);
        var path = Path.Combine(paths.Benchmark, "app.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(result, Json) + "\n", cancellation);
        return path;
    }

    private static MachineFacts Machine() => new(
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)Figures.Gibibyte, 1));
}
