using Ambrosia.Build.Platforms;

namespace Ambrosia.Build.Reporting;

/// <summary>Carries out a step and says what it did: to the user at once, and to the report.</summary>
public sealed class Steps(IBuildConsole console, RunReport report)
{
    public async Task RunAsync(string task, Func<Task<StepOutcome>> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var outcome = await RecordAsync(task, step);
        console.Line($"{task}: {outcome.Summary}");
    }

    /// <summary>For a step that tells the user its outcome itself.</summary>
    public async Task<StepOutcome> RecordAsync(string task, Func<Task<StepOutcome>> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        report.Want();
        var outcome = await step();
        report.AddDecision(task, outcome.Summary);
        return outcome;
    }
}
