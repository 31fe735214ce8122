using Ambrosia.Build.Arguments;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Starts the instances; on local it stays until their work is done")]
[TaskArgument("resume", "go on with the last run's logs instead of fresh ones (local)")]
[IsDependentOn(typeof(Push))]
public sealed class Deploy(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context)
    {
        var options = new DeployOptions(Resume: context.HasArgument("resume"));
        return steps.RunAsync(nameof(Deploy), () => context.Platform.Cluster.DeployAsync(options, context.Cancellation));
    }
}
