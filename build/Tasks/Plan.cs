using Ambrosia.Build.Arguments;
using Ambrosia.Build.Planning;
using Cake.Common;
using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Prints what a run would create and change, and changes nothing; exit code 0: nothing to do, 2: changes, 1: conflicts")]
[TaskArgument("format", "as text, or as JSON", Allowed = ["text", "json"], Default = "text")]
public sealed class Plan(PlanGate gate, ExitStatus exit, IConsole console) : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var plan = await gate.ObserveAsync(context.Cancellation);
        console.Write("{0}", context.Argument("format", "text") == "json" ? PlanText.ToJson(plan) : PlanText.Table(plan));
        exit.Code = plan.ExitCode;
    }
}
