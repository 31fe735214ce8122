using Ambrosia.Build.Arguments;
using Ambrosia.Build.Platforms.Aks.Benchmarking;
using Ambrosia.Build.Platforms.Local.Benchmarking;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

/// <summary>Depends on nothing: rerun measures the first look at Azure, and app builds by itself.</summary>
[TaskDescription("Measures the service on this machine, or a re-run on Azure without changes; writes artifacts/benchmark/SUITE.json")]
[TaskArgument("suite", "app: throughput beside the disk's own speed; rerun: calls and time of a run that finds nothing to do (aks)",
    Allowed = [App, Rerun], Default = App)]
public sealed class Benchmark(Steps steps, AppBenchmark app, RerunBenchmark rerun) : AsyncFrostingTask<BuildContext>
{
    private const string App = "app", Rerun = "rerun";

    public override async Task RunAsync(BuildContext context)
    {
        if (context.Argument("suite", App) == Rerun)
        {
            await steps.RunAsync(nameof(Benchmark), () => rerun.MeasureAsync(context.Cancellation));
            return;
        }

        await steps.RunAsync(nameof(BuildImages), () => context.Platform.Registry.BuildAsync(context.Cancellation));
        await steps.RunAsync(nameof(Benchmark), () => app.MeasureAsync(context.Cancellation));
    }
}
