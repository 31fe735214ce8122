using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Faults;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>Clean in each scope, with the real az.</summary>
[Platform("Linux")]
public sealed class CleanTests
{
    [Test]
    public async Task All_removes_our_group_and_proves_that_nothing_remains()
    {
        await using var deployment = await Deployment.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { GroupDelete = TimeSpan.FromSeconds(1) },
        });
        deployment.Plant();
        deployment.Emulator.State.AddGroup("foreign-group");
        var run = deployment.Begin("Clean");

        await run.CleanAsync(CleanScope.All);

        TestContext.Out.WriteLine(run.Console.Text);
        var state = deployment.Emulator.State;
        Assert.That(state.Groups.Select(group => group.Name), Is.EqualTo(["foreign-group"]));
        Assert.That(state.RoleAssignments, Is.Empty.Or.None.Property("Scope").Contains("helloregistry"));
        await run.Confirmation.ReceivedWithAnyArgs(1).RequireAsync(default!, default);
        Assert.That(run.Console.Lines.Last(), Does.Contain("nothing of this scope remains"));

        var again = deployment.Begin("Clean");
        await again.CleanAsync(CleanScope.All);
        Assert.That(again.Console.Lines, Is.EqualTo(["Clean: nothing to remove"]));
    }

    [Test]
    public async Task All_leaves_a_group_of_somebody_else_and_what_is_not_ours_in_it()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var state = deployment.Emulator.State;
        state.Group("hello-group")!.Tags = new Dictionary<string, string>();
        state.AddResource("hello-group", "Microsoft.Compute/disks", "theirs");
        state.AddStorageAccount("hello-group", "hellostorageold", tags: deployment.Tags);

        await deployment.Begin("Clean").CleanAsync(CleanScope.All);

        Assert.That(state.Resources.Select(resource => resource.Name), Is.EqualTo(["theirs"]));
        Assert.That(state.Group("hello-group"), Is.Not.Null);
    }

    [Test]
    public async Task Foreign_resources_in_our_group_are_listed_and_only_force_takes_them()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        deployment.Emulator.State.AddResource("hello-group", "Microsoft.Compute/disks", "theirs");

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.Begin("Clean").CleanAsync(CleanScope.All)))!;
        Assert.That(error.Message, Does.StartWith("AMB3007").And.Contain("Microsoft.Compute/disks theirs").And.Contain("--force"));
        Assert.That(deployment.Emulator.MutationCount, Is.Zero);

        await deployment.Begin("Clean").CleanAsync(CleanScope.All, force: true);
        Assert.That(deployment.Emulator.State.Group("hello-group"), Is.Null);
    }

    [Test]
    public async Task Most_keeps_the_cluster()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var run = deployment.Begin("Clean");

        await run.CleanAsync(CleanScope.Most);

        Assert.That(deployment.Emulator.State.Resources.Select(resource => resource.Name), Is.EqualTo(["hello-cluster"]));
        TestContext.Out.WriteLine(run.Console.Text);
    }

    [Test]
    public async Task Logs_empties_the_share_and_keeps_everything()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var account = deployment.Emulator.State.StorageAccount("hellostorage")!;
        var share = account.Shares["ambrosia-logs"];

        await deployment.Begin("Clean").CleanAsync(CleanScope.Logs);

        Assert.That(account.Shares["ambrosia-logs"], Is.Not.SameAs(share));
        Assert.That(account.Shares["ambrosia-logs"].Quota, Is.EqualTo(80));
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task Interrupted_at_each_mutation_a_clean_is_finished_by_running_it_again()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        deployment.Emulator.State.Group("hello-group")!.Tags = new Dictionary<string, string>();
        var runs = 0;
        while (deployment.Emulator.State.Resources.Count > 0)
        {
            Assert.That(++runs, Is.LessThanOrEqualTo(8));
            using var interrupt = new CancellationTokenSource();
            deployment.Emulator.OnMutation(async _ => await interrupt.CancelAsync());
            var run = deployment.Begin("Clean");
            try
            {
                await run.CleanAsync(CleanScope.All, cancellation: interrupt.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.That(run.Console.Lines, Has.Some.Contains("Azure goes on deleting"));
            }

            deployment.Emulator.ClearHooks();
        }

        Assert.That(runs, Is.GreaterThanOrEqualTo(2));
        await deployment.Begin("Clean").CleanAsync(CleanScope.All);
    }

    [Test]
    public async Task What_remains_is_listed_and_is_a_failure()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();

        // Somebody makes it again while it is removed.
        deployment.Emulator.OnMutation(mutation =>
        {
            var state = deployment.Emulator.State;
            if (mutation.Method == "DELETE" && mutation.Path.Contains("/roleAssignments/", StringComparison.OrdinalIgnoreCase))
                state.AddRoleAssignment(state.Registry("helloregistry")!.Id, state.Cluster("hello-cluster")!.KubeletObjectId, "AcrPull");
            return Task.CompletedTask;
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.Begin("Clean").CleanAsync(CleanScope.Auth)))!;

        Assert.That(error.Message, Does.StartWith("AMB3008: 1 of what was to be removed remains").And.Contain("role assignment"));
    }

    [Test]
    public async Task Logs_with_instances_on_the_share_stops_them_and_can_be_repeated()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        await deployment.StartKubernetesAsync();
        await deployment.Begin("Deploy").DeployAsync();
        var cluster = deployment.Kubernetes!.State;
        var account = deployment.Emulator.State.StorageAccount("hellostorage")!;
        var share = account.Shares["ambrosia-logs"];

        var recorded = Recorded();

        var run = deployment.Begin("Clean");
        await run.CleanAsync(CleanScope.Logs);

        TestContext.Out.WriteLine(run.Console.Text);
        Assert.Multiple(() =>
        {
            Assert.That(recorded, Has.Length.EqualTo(2), "the code that writes there is recorded");
            Assert.That(Recorded(), Is.Empty, "a record of code without logs would stop the next deployment");
            Assert.That(cluster.List<V1StatefulSet>("ambrosia"), Is.Empty);
            Assert.That(cluster.List<V1Pod>("ambrosia"), Is.Empty);
            Assert.That(cluster.List<V1PersistentVolumeClaim>("ambrosia"), Has.Count.EqualTo(2), "the claims stay for the next deployment");
            Assert.That(account.Shares["ambrosia-logs"], Is.Not.SameAs(share));
            Assert.That(run.Console.Lines.Last(), Does.Contain("nothing of this scope remains"));
            Assert.That(deployment.Kubernetes.Requests.Where(request => request.Path.Contains("eraser", StringComparison.Ordinal)), Is.Empty, "emptied once");
        });

        share = account.Shares["ambrosia-logs"];
        await deployment.Begin("Clean").CleanAsync(CleanScope.Logs);
        Assert.That(account.Shares["ambrosia-logs"], Is.Not.SameAs(share));

        string[] Recorded() =>
        [
            .. cluster.List<V1PersistentVolumeClaim>("ambrosia")
                .Select(claim => claim.Metadata.Annotations?.TryGetValue(Naming.LogCodeAnnotation, out var code) == true ? code : null).OfType<string>(),
        ];
    }

    [Test]
    public async Task Logs_fails_when_the_share_is_still_the_one_with_the_logs()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var account = deployment.Emulator.State.StorageAccount("hellostorage")!;
        var share = account.Shares["ambrosia-logs"];
        deployment.Emulator.OnMutation(_ =>
        {
            account.Shares["ambrosia-logs"] = share;
            return Task.CompletedTask;
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.Begin("Clean").CleanAsync(CleanScope.Logs)))!;

        Assert.That(error.Message, Does.StartWith("AMB3008").And.Contain("still the one with the logs"));
    }

    [Test]
    public async Task What_is_kept_is_neither_asked_about_nor_taken_for_a_remainder()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var state = deployment.Emulator.State;
        state.Group("hello-group")!.Tags = new Dictionary<string, string>();
        state.Cluster("hello-cluster")!.Tags = new Dictionary<string, string>();
        IReadOnlyList<PlannedChange> kept = [new("Clean", "Namespace ambrosia", ChangeKind.Unchanged, "kept: others have put ConfigMap theirs into it")];
        var first = deployment.Begin("Clean");
        first.Workload.PlanAsync(default, default, default).ReturnsForAnyArgs(Task.FromResult(kept));

        await first.CleanAsync(CleanScope.All);

        var second = deployment.Begin("Clean");
        second.Workload.PlanAsync(default, default, default).ReturnsForAnyArgs(Task.FromResult(kept));
        await second.CleanAsync(CleanScope.All);
        await second.Confirmation.DidNotReceiveWithAnyArgs().RequireAsync(default!, default);
        await second.Workload.DidNotReceiveWithAnyArgs().CleanAsync(default, default, default);
        Assert.That(second.Console.Lines.Last(), Is.EqualTo("Clean: nothing to remove"));
        Assert.That(state.Resources.Select(resource => resource.Name), Is.EqualTo(["hello-cluster"]));
    }

    [Test]
    public async Task With_no_wait_it_says_that_Azure_goes_on_and_the_next_one_sees_it_through()
    {
        await using var deployment = await Deployment.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { GroupDelete = TimeSpan.FromSeconds(20) },
        });
        deployment.Plant();
        var run = deployment.Begin("Clean");

        await run.CleanAsync(CleanScope.All, noWait: true);

        Assert.That(deployment.Emulator.State.Group("hello-group")?.ProvisioningState, Is.EqualTo("Deleting"));
        Assert.That(run.Console.Lines.Last(), Does.Contain("--no-wait").And.Contain("run Clean again"));
        var deletions = deployment.Host.Journal.Count(line => line.StartsWith("group delete", StringComparison.Ordinal));

        await deployment.Begin("Clean").CleanAsync(CleanScope.All);

        Assert.That(deployment.Emulator.State.Group("hello-group"), Is.Null);
        Assert.That(deletions, Is.EqualTo(1));
        Assert.That(deployment.Host.Journal.Count(line => line.StartsWith("group delete", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task An_application_of_an_earlier_configuration_goes_too_and_that_of_another_group_stays()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        var registry = deployment.Azure.Registry;
        deployment.Azure = deployment.Azure with { Registry = registry with { Auth = "servicePrincipal" } };
        await deployment.ProvisionAsync();
        var state = deployment.Emulator.State;
        var ours = state.Applications.Single(application => application.DisplayName == "hello-pull");
        var other = state.AddServicePrincipal("hello-pull").AppId;
        var theirs = state.Applications.Single(application => application.AppId == other);
        theirs.Tags = ["ambrosia-deployment=hello", "ambrosia-group=00000000-0000-0000-0000-000000000000/hello-group"];
        deployment.Azure = deployment.Azure with { Registry = registry with { ServicePrincipalName = "hello-renamed" } };

        await deployment.Begin("Clean").CleanAsync(CleanScope.Most);

        Assert.That(state.Applications, Does.Not.Contain(ours).And.Contain(theirs));
    }

    [Test]
    public async Task A_directory_that_does_not_let_itself_be_asked_is_a_warning()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        deployment.Emulator.Faults.Refuse(
            RequestMatch.Get("/v1.0/applications*"), 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", int.MaxValue);
        var run = deployment.Begin("Clean");

        await run.CleanAsync(CleanScope.Auth);

        TestContext.Out.WriteLine(run.Console.Text);
        Assert.That(run.Console.Text, Does.Contain("warning: Application registrations are not looked for"));
        Assert.That(run.Console.Lines.Last(), Does.Contain("the directory was not asked"));
    }
}
