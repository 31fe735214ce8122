using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Planning;

/// <summary>
/// The plan of this run, made once, and the gate before its first mutation: whatever changes something outside this checkout demands
/// <see cref="ApproveAsync"/> first. It prints what will be done by the tasks of this run, refuses conflicts and what would fail late,
/// and asks.
/// </summary>
public sealed class PlanGate(Lazy<IPlatform> platform, RunScope scope, IConfirmation confirmation, IBuildConsole console)
{
    private readonly AsyncOnce<DeploymentPlan> _observed = new();
    private readonly AsyncOnce<DeploymentPlan> _approved = new();

    /// <summary>The plan was approved, so that things may be changed.</summary>
    public bool IsApproved => _approved.Known is not null;

    /// <summary>The whole plan, as of the first time that it was asked for; nothing is printed.</summary>
    public Task<DeploymentPlan> ObserveAsync(CancellationToken cancellation) =>
        _observed.GetAsync(token => platform.Value.PlanAsync(token), cancellation);

    /// <summary>The part of the plan that the tasks of this run carry out, after it was shown and approved; asked for once a run.</summary>
    /// <exception cref="BuildException">AMB3003: conflicts. AMB3006: something would fail later. AMB1004: nobody has said yes.</exception>
    public async Task<DeploymentPlan> ApproveAsync(CancellationToken cancellation)
    {
        var observed = await ObserveAsync(cancellation);

        // Of the whole plan: a step that runs alone (--exclusive) still rests on what other steps' rows are about, and a platform that met
        // a conflict may not have looked any further.
        if (observed.Conflicts.Any())
            throw Refused(observed);
        return await _approved.GetAsync(token => AskAsync(observed.Of(scope.Includes), token), cancellation);
    }

    private async Task<DeploymentPlan> AskAsync(DeploymentPlan plan, CancellationToken cancellation)
    {
        if (!plan.HasChanges)
        {
            console.Line($"Plan: {plan.Summary}");
            return plan;
        }

        console.Line(PlanText.Table(plan).TrimEnd('\n'));
        var findings = await platform.Value.DiagnoseAsync(cancellation);
        foreach (var warning in findings.Where(finding => finding.Severity == FindingSeverity.Warning))
            console.Warning(warning.ToString());
        var errors = findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        if (errors.Count > 0)
            throw Finding.Refused(errors);
        await confirmation.RequireAsync("Make these changes?", cancellation);
        return plan;
    }

    private static BuildException Refused(DeploymentPlan plan)
    {
        var conflicts = plan.Conflicts.ToList();
        var rows = conflicts.Select(conflict =>
            $"\n  {conflict.Resource}: {conflict.Reason}"
            + string.Concat(conflict.Properties.Select(property => $"\n    {property.Name}: is {property.Old ?? "-"}, wanted {property.New ?? "-"}"))
            + (conflict.Remedy is { } remedy ? $"\n    fix: {remedy}" : ""));
        return new BuildException(
            ErrorCode.PlanConflict,
            $"{(conflicts.Count == 1 ? "1 conflict" : $"{conflicts.Count} conflicts")} between the configuration and what exists; nothing was changed.{string.Concat(rows)}");
    }
}
