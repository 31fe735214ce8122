using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Judges the run: every byte arrived once and in order, or what verify.kind says")]
[IsDependentOn(typeof(Deploy))]
public sealed class Verify(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(Verify), () => context.Platform.Cluster.VerifyAsync(context.Cancellation));
}
