using Ambrosia.Build.Arguments;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Reporting;
using Cake.Common;
using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Prints what a run would create and change, and changes nothing; exit code 0: nothing to do, 2: changes, 1: conflicts")]
[TaskArgument("format", "as text, or as JSON, which then is all of standard output", Allowed = ["text", "json"], Default = "text")]
public sealed class Plan(PlanGate gate, ExitStatus exit, IConsole console, ClosingLines closing) : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var plan = await gate.ObserveAsync(context.Cancellation);
        if (context.Argument("format", "text") == "json")
            closing.Add(PlanText.ToJson(plan).TrimEnd('\n'));
        else
            console.Write("{0}", PlanText.Table(plan));
        exit.Code = plan.ExitCode;
    }
}
