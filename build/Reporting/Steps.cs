using Ambrosia.Build.Platforms;

namespace Ambrosia.Build.Reporting;

/// <summary>Says what a step did: to the user at once, and to the report.</summary>
public sealed class Steps(IBuildConsole console, RunReport report)
{
    public void Report(string task, StepOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        report.AddDecision(task, outcome.Summary);
        console.Line($"{task}: {outcome.Summary}");
    }
}
