using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms;

namespace Ambrosia.Build.Reporting;

/// <summary>Carries out a step and says what it did: to the user at once, and to the report.</summary>
public sealed class Steps(IBuildConsole console, RunReport report, ClosingLines closing, ISecretMask mask)
{
    public async Task RunAsync(string task, Func<Task<StepOutcome>> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var outcome = await RecordAsync(task, step);
        console.Line($"{task}: {outcome.Summary}");
    }

    /// <summary>For a step whose outcome is the line with which the whole output ends.</summary>
    public async Task CloseAsync(string task, Func<Task<StepOutcome>> step)
    {
        var outcome = await RecordAsync(task, step);
        closing.Add(mask.Mask($"{task}: {outcome.Summary}"));
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
