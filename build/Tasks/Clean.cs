using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Removes what the suite has made; without --scope it lists the scopes, with exit code 1")]
[RunsAlone("removes, when all is done, what the others would have made")]
[TaskArgument("scope", "what to remove", Allowed = ["all", "most", "auth", "logs"])]
[TaskArgument("force", "also remove what others have put beside it, such as foreign resources in the resource group")]
[TaskArgument("no-wait", "return while the cloud still deletes")]
public sealed class Clean(IBuildConsole console) : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var platform = context.Platform;
        if (!Enum.TryParse<CleanScope>(context.Argument("scope", ""), ignoreCase: true, out var scope))
        {
            console.Line($"Scopes of Clean on {platform.Name}:");
            foreach (var each in Enum.GetValues<CleanScope>())
                console.Line($"  --scope={each.ToString().ToLowerInvariant(),-5} {platform.DescribeClean(each)}");
            throw new BuildException(
                ErrorCode.InvalidArgumentValue, "Clean needs a scope.", remedy: "./build.sh --target=Clean --scope=all|most|auth|logs");
        }

        console.Line($"Clean --scope={scope.ToString().ToLowerInvariant()}: {platform.DescribeClean(scope)}");
        await platform.CleanAsync(
            new CleanOptions(scope, Force: context.HasArgument("force"), NoWait: context.HasArgument("no-wait")), context.Cancellation);
    }
}
