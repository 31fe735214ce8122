using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Benchmarking;

/// <summary>
/// Measures what a Deploy that finds nothing to do costs in Azure: the login, all reads, the plan and what the Provision tasks do about it.
/// Nothing may have been asked before in this run, and nothing is changed.
/// </summary>
public sealed class RerunBenchmark(
    ISettingsProvider settings, BuildPaths paths, Lazy<IPlatform> platform, PlanGate gate, CommandJournal journal, ArmTraffic traffic)
{
    private static readonly string[] AzureSteps = [nameof(Tasks.ProvisionStorage), nameof(Tasks.ProvisionAcr), nameof(Tasks.ProvisionAks)];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <exception cref="BuildException">AMB6004: the platform is not aks, or there would be something to do.</exception>
    public async Task<StepOutcome> MeasureAsync(CancellationToken cancellation)
    {
        if (settings.Settings.Platform != PlatformKind.Aks)
        {
            throw new BuildException(
                ErrorCode.BenchmarkFailed, "Benchmark --suite=rerun measures Azure, and the platform is not aks.", remedy: "give --platform=aks and its configuration");
        }

        var before = journal.Records.Count;
        var requestsBefore = traffic.Requests;
        var watch = Stopwatch.StartNew();
        await platform.Value.ConfigureAsync(cancellation);
        var plan = (await gate.ObserveAsync(cancellation)).Of(AzureSteps.Contains);
        if (plan.HasChanges || plan.Conflicts.Any())
        {
            throw new BuildException(
                ErrorCode.BenchmarkFailed, $"This would be no run without changes: {plan.Summary}.", remedy: "./build.sh makes them; measure again after it");
        }

        await platform.Value.LogStore.ProvisionAsync(cancellation);
        await platform.Value.Registry.ProvisionAsync(cancellation);
        await platform.Value.Cluster.ProvisionAsync(cancellation);
        var seconds = Math.Round(watch.Elapsed.TotalSeconds, 3);
        var calls = journal.Records.Skip(before).GroupBy(record => Tool(record.CommandLine)).ToDictionary(group => group.Key, group => group.Count());
        var result = new RerunBenchmarkResult(calls.GetValueOrDefault("az"), traffic.Requests - requestsBefore, seconds, calls);
        Directory.CreateDirectory(paths.Benchmark);
        var path = Path.Combine(paths.Benchmark, "rerun.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(result, Json) + "\n", cancellation);
        return new StepOutcome(string.Create(
            CultureInfo.InvariantCulture, $"{result.AzCalls} az calls, {result.ArmRequests} requests, {seconds:0.0} s; written to {path}"));
    }

    /// <summary>The program of a logged command, before which variables may stand.</summary>
    internal static string Tool(string commandLine) => Path.GetFileNameWithoutExtension(
        commandLine.Split(' ').FirstOrDefault(word => !word.Contains('=', StringComparison.Ordinal))?.Trim('\'', '"') ?? commandLine);
}
