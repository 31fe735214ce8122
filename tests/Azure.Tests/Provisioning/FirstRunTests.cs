using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>From nothing to a provisioned deployment, and once more with nothing to do.</summary>
[Platform("Linux")]
public sealed class FirstRunTests
{
    [Test]
    public async Task The_first_run_makes_everything_as_configured_and_the_second_finds_nothing_to_do()
    {
        await using var deployment = await Deployment.StartAsync();

        var first = await deployment.ProvisionAsync();

        TestContext.Out.WriteLine(await first.PlanAsync());
        TestContext.Out.WriteLine(string.Join('\n', first.Outcomes));
        TestContext.Out.WriteLine(string.Join('\n', deployment.Host.Journal));
        var state = deployment.Emulator.State;
        var account = state.StorageAccount("hellostorage")!;
        var registry = state.Registry("helloregistry")!;
        var cluster = state.Cluster("hello-cluster")!;
        Assert.Multiple(() =>
        {
            Assert.That(state.Group("hello-group")!.Tags["ambrosia-deployment"], Is.EqualTo("hello"));
            Assert.That(account.Tags["ambrosia-deployment"], Is.EqualTo("hello"));
            Assert.That(registry.Tags["ambrosia-deployment"], Is.EqualTo("hello"));
            Assert.That(cluster.Tags["ambrosia-deployment"], Is.EqualTo("hello"));
            Assert.That(registry.AdminUserEnabled, Is.False);
            Assert.That(state.RoleAssignments.Select(assignment => assignment.PrincipalId), Does.Contain(cluster.KubeletObjectId));
        });

        var count = deployment.Host.Journal.Count;
        var second = await deployment.ProvisionAsync();

        Assert.That(await second.ChangesAsync(), Is.Empty);
        Assert.That(deployment.CommandsSince(count), Is.Empty);
        Assert.That(second.Outcomes, Has.All.StartsWith("unchanged"));
        TestContext.Out.WriteLine(await second.PlanAsync());
    }
}
