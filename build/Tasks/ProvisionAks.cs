using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Makes the cluster, where the platform needs one")]
[IsDependentOn(typeof(ProvisionAcr))]
public sealed class ProvisionAks(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(ProvisionAks), () => context.Platform.Cluster.ProvisionAsync(context.Cancellation));
}
