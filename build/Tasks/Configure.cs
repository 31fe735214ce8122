using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Reads and checks the configuration, and says what will happen where")]
public sealed class Configure(Steps steps, RunScope scope, IBuildConsole console) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) => steps.RunAsync(nameof(Configure), async () =>
    {
        var settings = context.Settings;
        RunPreconditions.Require(scope, settings);
        var platform = context.Platform;
        console.Line($"Platform:  {platform.Name} ({settings.PlatformReason})");
        console.Line($"Service:   {settings.ServiceName}");
        foreach (var line in await platform.ConfigureAsync(context.Cancellation))
            console.Line(line);
        return new StepOutcome($"platform {platform.Name} ({settings.PlatformReason})");
    });
}
