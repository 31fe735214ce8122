using Ambrosia.Build.Arguments;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tasks.Testing;
using Cake.Common;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Runs all tests")]
[TaskArgument("filter", "only the tests that match, as dotnet test --filter has it", Value = "EXPRESSION", Default = "all")]
public sealed class Test(Steps steps, TestRunner runner) : AsyncFrostingTask<BuildContext>
{
    public override Task RunAsync(BuildContext context) =>
        steps.RecordAsync(nameof(Test), () => runner.RunAsync(context.Argument<string?>("filter", null), context.Cancellation));
}
