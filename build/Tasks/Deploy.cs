using Ambrosia.Build.Arguments;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Starts or updates the instances; on local it stays until their work is done")]
[TaskArgument("resume", "go on with the last run's logs instead of fresh ones (local)")]
[TaskArgument("fresh", "start from empty logs (kubernetes, aks)")]
[TaskArgument("image", "go back to an image that ran before (kubernetes, aks)", Value = "DIGEST", Default = "that of the current sources")]
[IsDependentOn(typeof(Push))]
public sealed class Deploy(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context)
    {
        var options = new DeployOptions(
            Resume: context.HasArgument("resume"), Fresh: context.HasArgument("fresh"), Image: context.Argument<string?>("image", null));
        return steps.RunAsync(nameof(Deploy), () => context.Platform.Cluster.DeployAsync(options, context.Cancellation));
    }
}
