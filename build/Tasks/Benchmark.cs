using Ambrosia.Build.Arguments;
using Ambrosia.Build.Platforms.Local.Benchmarking;
using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Measures the service on this machine, beside the disk's own speed; writes artifacts/benchmark/app.json")]
[TaskArgument("suite", "what to measure", Allowed = ["app"], Default = "app")]
[IsDependentOn(typeof(BuildImages))]
public sealed class Benchmark(Steps steps, AppBenchmark benchmark) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(Benchmark), () => benchmark.MeasureAsync(context.Cancellation));
}
