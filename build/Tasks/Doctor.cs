using Ambrosia.Build.Planning;
using Ambrosia.Build.Reporting;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Checks everything that would make a run fail late, and says what to do about it; changes nothing")]
public sealed class Doctor(IBuildConsole console) : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var findings = await context.Platform.DiagnoseAsync(context.Cancellation);
        foreach (var finding in findings)
            console.Line($"{finding.Severity.ToString().ToLowerInvariant(),-8} {finding}");
        var errors = findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        if (errors.Count > 0)
            throw Finding.Refused(errors);
        console.Line($"Doctor: {(findings.Count == 0 ? $"nothing to check on {context.Platform.Name}" : $"{findings.Count} checks, no errors")}");
    }
}
