using Ambrosia.Build.Arguments;
using Ambrosia.Build.Platforms;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Prints what the instances of the running or last run have printed; exit code 1 where there is no run")]
[TaskArgument("instance", "only this one's lines", Value = "NAME", Default = "all")]
[TaskArgument("follow", "stay, and print new lines until the run ends")]
public sealed class Logs : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) => context.Platform.Cluster.ShowLogsAsync(
        new LogsOptions(context.Argument<string?>("instance", null), context.HasArgument("follow")), context.Cancellation);
}
