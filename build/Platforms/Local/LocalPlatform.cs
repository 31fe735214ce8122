using System.Globalization;
using Ambrosia.Build.Platforms.Local.Cleaning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>Processes on this machine, and nothing else: needs the .NET SDK only.</summary>
public sealed class LocalPlatform(
    BuildPaths paths, ISettingsProvider settings, LocalLogStore logStore, LocalRegistry registry, LocalCluster cluster) : IPlatform
{
    public string Name => "local";

    public ILogStore LogStore => logStore;

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public string DescribeClean(CleanScope scope) => CleanPlan.For(scope).Summary;

    public IReadOnlyList<string> Describe()
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
        return lines;
    }
}
