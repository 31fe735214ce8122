using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Shows the running or last run: instances, processes, progress, ports; exit code 0 also where there is none")]
public sealed class Status : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) => context.Platform.Cluster.ShowStatusAsync(context.Cancellation);
}
