using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Brings the image to the registry, where the platform has one")]
[IsDependentOn(typeof(BuildImages))]
public sealed class Push(Steps steps) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RunAsync(nameof(Push), () => context.Platform.Registry.PushAsync(context.Cancellation));
}
