using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build.Reporting;

/// <summary>Follows the tasks and writes the report at the end, after a failure too.</summary>
public sealed class ReportLifetime(ICakeEngine engine, RunReport report, ReportWriter writer) : FrostingLifetime<BuildContext>
{
    public override void Setup(BuildContext context, ISetupContext info) => engine.BeforeTaskTeardown += OnTaskTeardown;

    public override void Teardown(BuildContext context, ITeardownContext info)
    {
        engine.BeforeTaskTeardown -= OnTaskTeardown;
        if (report.IsWanted)
            writer.Write(report.Close(info.Successful, info.ThrownException?.Message));
    }

    private void OnTaskTeardown(object? sender, BeforeTaskTeardownEventArgs e)
    {
        var task = e.TaskTeardownContext;
        var outcome = task.Skipped ? "skipped" : task.Successful ? "succeeded" : "failed";
        report.AddStep(task.Task.Name, outcome, task.Duration, task.ThrownException?.Message);
    }
}
