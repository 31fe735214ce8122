using System.Globalization;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Local.Cleaning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>Processes on this machine, and nothing else: needs the .NET SDK only.</summary>
public sealed class LocalPlatform(
    BuildPaths paths, ISettingsProvider settings, LocalLogStore logStore, LocalRegistry registry, LocalCluster cluster, LocalCleaner cleaner,
    IBuildConsole console) : IPlatform
{
    public string Name => "local";

    public ILogStore LogStore => logStore;

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public string DescribeClean(CleanScope scope) => CleanPlan.For(scope).Summary;

    /// <summary>Nothing here costs anything or outlives the checkout.</summary>
    public Task<DeploymentPlan> PlanAsync(CancellationToken cancellation) => Task.FromResult(DeploymentPlan.Empty);

    /// <summary>What is missing shows within seconds, and has changed nothing by then.</summary>
    public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Finding>>([]);

    public async Task CleanAsync(CleanOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        console.Line($"  instances: {(await cleaner.StopRunsAsync(options.Scope, cancellation)).Summary}");
        console.Line($"  logs:      {(await cleaner.RemoveRunsAsync(options.Scope, cancellation)).Summary}");
        console.Line($"  programs:  {cleaner.RemoveArtifacts(options.Scope).Summary}");
    }

    public Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation)
    {
        var verify = settings.Settings.Verify;
        List<string> lines =
        [
            $"Instances: {string.Join(", ", settings.Settings.Instances.Select(instance => instance.Name))}, as processes of this machine",
            $"Runs:      a fresh directory each below {paths.LocalRuns} (--resume goes on with the last)",
            "Logs:      in it, per instance: logs/ (the coordinator's) and log.txt (all output)",
        ];
        lines.AddRange(verify.Kind switch
        {
            VerifyKind.PerformanceTest =>
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Work:      {verify.Rounds} rounds of {Figures.MiB(verify.RoundBytes)}, messages from {verify.MaxMessageBytes} bytes down"),
                string.Create(CultureInfo.InvariantCulture, $"Expected:  {verify.ExpectedBytes} bytes received, 0 out of order"),
            ],
            VerifyKind.LogPattern => [$"Expected:  a line that matches {verify.Pattern} within {Figures.Clock(verify.Deadline)}"],
            _ => (string[])["Expected:  nothing (verify.kind is none); runs until Ctrl-C"],
        });
        return Task.FromResult<IReadOnlyList<string>>(lines);
    }
}
