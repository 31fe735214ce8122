using Ambrosia.Build.Arguments;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Kills apps and coordinators while they work, and proves that nothing was lost")]
[TaskArgument(
    "kills", "how many SIGKILLs, 1 to 40, spread over both apps and both coordinators", Value = "N", Least = 1, Most = MostKills, Default = "6")]
[TaskArgument("seed", "chooses victims and places in the work; the same seed chooses the same", Value = "N", Default = "a random one, printed")]
[TaskArgument("live", "kill the deployed instances instead of a pair of its own (kubernetes, aks)")]
[IsDependentOn(typeof(Push))]
public sealed class Immortality(Steps steps, RunScope scope) : AsyncFrostingTask<BuildContext>
{
    private const int MostKills = 40;

    public override Task RunAsync(BuildContext context)
    {
        var options = new ImmortalityOptions(
            context.Argument("kills", 6), context.Argument("seed", Environment.TickCount & int.MaxValue), Live: context.HasArgument("live"));
        return steps.CloseAsync(nameof(Immortality), () =>
        {
            RunPreconditions.Require(scope, context.Settings); // with --exclusive nothing has asked before
            return context.Platform.Cluster.ProveImmortalityAsync(options, context.Cancellation);
        });
    }
}
