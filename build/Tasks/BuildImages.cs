using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Builds the service: an image, or on local the published programs")]
[IsDependentOn(typeof(ProvisionAks))]
public sealed class BuildImages(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(BuildImages), () => context.Platform.Registry.BuildAsync(context.Cancellation));
}
