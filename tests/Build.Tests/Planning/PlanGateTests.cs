using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Planning;

public sealed class PlanGateTests
{
    private static readonly PlannedChange Create = new("ProvisionAks", "cluster hello", ChangeKind.Create, "does not exist");

    private readonly IPlatform _platform = Substitute.For<IPlatform>();
    private readonly IConfirmation _confirmation = Substitute.For<IConfirmation>();

    [SetUp]
    public void Forget()
    {
        _platform.ClearReceivedCalls();
        _confirmation.ClearReceivedCalls();
        _platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>([]));
    }

    [Test]
    public async Task A_plan_is_made_and_asked_for_once_a_run()
    {
        var gate = Gate("ProvisionAks", Create);

        await gate.ApproveAsync(default);
        await gate.ApproveAsync(default);

        await _platform.Received(1).PlanAsync(default);
        await _confirmation.Received(1).RequireAsync(Arg.Any<string>(), default);
    }

    [Test]
    public async Task Nothing_is_asked_where_nothing_changes()
    {
        var gate = Gate("Deploy", Create);

        await gate.ApproveAsync(default);

        await _confirmation.DidNotReceiveWithAnyArgs().RequireAsync(default!, default);
    }

    [Test]
    public async Task A_conflict_stops_before_anybody_is_asked()
    {
        var gate = Gate(
            "ProvisionAks",
            Create with { Kind = ChangeKind.Conflict, Reason = "its location differs", Properties = [new PropertyChange("location", "westus", "eastus")], Remedy = "do this" });

        var error = (await Assert.ThrowsAsync<BuildException>(() => gate.ApproveAsync(default)))!;

        Assert.That(error.Message, Does.StartWith("AMB3003").And.Contain("location: is westus, wanted eastus").And.Contain("fix: do this"));
        await _confirmation.DidNotReceiveWithAnyArgs().RequireAsync(default!, default);
    }

    [TestCase("Deploy")]
    [TestCase("Push")]
    public async Task A_task_that_runs_alone_is_refused_by_a_conflict_of_what_it_rests_on(string task)
    {
        var gate = Gate(task, Create with { Kind = ChangeKind.Conflict, Reason = "made by somebody else (no tag ambrosia-deployment)" });

        var error = (await Assert.ThrowsAsync<BuildException>(() => gate.ApproveAsync(default)))!;

        Assert.That(error.Message, Does.StartWith("AMB3003").And.Contain("cluster hello: made by somebody else"));
        Assert.That(gate.IsApproved, Is.False);
    }

    [Test]
    public async Task What_would_fail_later_stops_before_anybody_is_asked()
    {
        var gate = Gate("ProvisionAks", Create);
        _platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>(
            [new Finding(FindingSeverity.Error, "vCPU quota", "4 of 4 are used", "choose a smaller azure.cluster.vmSize")]));

        var error = (await Assert.ThrowsAsync<BuildException>(() => gate.ApproveAsync(default)))!;

        Assert.That(error.Message, Does.StartWith("AMB3006").And.Contain("vCPU quota: 4 of 4 are used").And.Contain("smaller"));
        await _confirmation.DidNotReceiveWithAnyArgs().RequireAsync(default!, default);
    }

    private PlanGate Gate(string task, params PlannedChange[] changes)
    {
        _platform.PlanAsync(default).ReturnsForAnyArgs(Task.FromResult(new DeploymentPlan(changes, [])));
        return new PlanGate(new Lazy<IPlatform>(_platform), new RunScope([task]), _confirmation, new RecordingConsole());
    }
}
