using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Makes the place where the coordinators' logs live")]
[IsDependentOn(typeof(Configure))]
public sealed class ProvisionStorage(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(ProvisionStorage), () => context.Platform.LogStore.ProvisionAsync(context.Cancellation));
}
