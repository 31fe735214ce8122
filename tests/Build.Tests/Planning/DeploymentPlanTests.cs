using Ambrosia.Build.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Planning;

public sealed class DeploymentPlanTests
{
    private static readonly PlannedChange Unchanged = new("ProvisionStorage", "storage account hello", ChangeKind.Unchanged, "as configured");

    private static readonly PlannedChange Create = new("ProvisionAks", "cluster hello", ChangeKind.Create, "does not exist");

    private static readonly PlannedChange Update = new(
        "ProvisionAcr", "registry hello", ChangeKind.Update, "differs", [new PropertyChange("sku", "Basic", "Standard")]);

    private static readonly PlannedChange Conflict = new(
        "ProvisionStorage", "storage account hello", ChangeKind.Conflict, "made by somebody else", [new PropertyChange("location", "westus", "eastus")],
        "choose another name in azure.storage.account");

    [Test]
    public void The_exit_code_tells_nothing_changes_and_conflicts_apart()
    {
        Assert.That(DeploymentPlan.Empty.ExitCode, Is.Zero);
        Assert.That(Plan(Unchanged).ExitCode, Is.Zero);
        Assert.That(Plan(Unchanged, Create).ExitCode, Is.EqualTo(2));
        Assert.That(Plan(Create, Conflict).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_run_sees_the_part_of_its_own_tasks() =>
        Assert.That(Plan(Unchanged, Create).Of(new RunScope(["provisionaks"]).Includes).Changes, Is.EqualTo([Create]));

    [Test]
    public void The_table_is_as_golden() => Golden.Verify("Planning/plan.txt", PlanText.Table(Plan(Unchanged, Update, Create, Conflict)));

    [Test]
    public void The_json_is_as_golden() => Golden.Verify("Planning/plan.json", PlanText.ToJson(Plan(Unchanged, Update, Create, Conflict)));

    private static DeploymentPlan Plan(params PlannedChange[] changes) => new(changes, ["Estimated cost: 1.00 USD a month"]);
}
