using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Makes the container registry, where the platform needs one")]
[IsDependentOn(typeof(ProvisionStorage))]
public sealed class ProvisionAcr(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(ProvisionAcr), () => context.Platform.Registry.ProvisionAsync(context.Cancellation));
}
