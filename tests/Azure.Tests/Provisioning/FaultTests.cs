using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Faults;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>What Azure does to a run, and what the run makes of it.</summary>
[Platform("Linux")]
public sealed class FaultTests
{
    [Test]
    public async Task What_passes_is_met_with_patience()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("share", "registry", "cluster");
        var faults = deployment.Emulator.Faults;
        var busy = faults.InProgress(RequestMatch.Put("*/registries/helloregistry$"));
        var throttled = faults.Throttle(RequestMatch.Put("*/managedClusters/hello-cluster$"), TimeSpan.FromSeconds(1));
        var dropped = faults.Drop(RequestMatch.Put("*/shares/ambrosia-logs$"));
        var lost = faults.LoseReply(RequestMatch.Put("*/roleAssignments/*"));

        await deployment.ProvisionAsync();

        Assert.That(new[] { busy.Hits, throttled.Hits, dropped.Hits, lost.Hits }, Has.All.EqualTo(1));
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task A_quota_that_is_too_small_is_told_with_its_cure_and_the_rest_is_made()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("cluster");
        deployment.Emulator.Faults.QuotaExceeded(RequestMatch.Put("*/managedClusters/hello-cluster$"));

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.ProvisionAsync()))!;

        Assert.That(error.Message, Does.StartWith("AMB3005").And.Contain("Insufficient vcpu quota").And.Contain("azure.cluster.vmSize"));
    }

    [Test]
    public async Task A_cluster_that_ends_in_Failed_is_an_error_and_repaired_by_the_next_run()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("cluster");
        deployment.Emulator.Faults.EndInFailed(RequestMatch.Put("*/managedClusters/hello-cluster$"));

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.ProvisionAsync()))!;
        Assert.That(error.Message, Does.StartWith("AMB3005: The cluster hello-cluster ended in the state Failed."));
        TestContext.Out.WriteLine(error.Message);

        var repair = await deployment.ProvisionAsync();

        TestContext.Out.WriteLine(await repair.PlanAsync());
        Assert.That(deployment.Emulator.State.Cluster("hello-cluster")!.ProvisioningState, Is.EqualTo("Succeeded"));
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task A_policy_that_forbids_shared_keys_is_told_with_the_way_out()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("account");
        deployment.Emulator.Faults.RefuseByPolicy(RequestMatch.Put("*/storageAccounts/hellostorage$"));

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.ProvisionAsync()))!;

        Assert.That(error.Message, Does.StartWith("AMB3002").And.Contain("azure.storage.kind: disk"));
    }

    [Test]
    public async Task Who_may_not_assign_roles_is_told_of_the_token()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        deployment.Emulator.State.Deny("Microsoft.Authorization/roleAssignments/write");

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.ProvisionAsync()))!;

        Assert.That(error.Message, Does.StartWith("AMB3002").And.Contain("azure.registry.auth to token"));
    }

    [Test]
    public async Task A_resource_that_another_run_is_still_making_is_awaited()
    {
        await using var deployment = await Deployment.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { ClusterCreate = TimeSpan.FromSeconds(8) },
        });
        deployment.Plant("cluster");
        var first = deployment.Begin("ProvisionStorage", "ProvisionAcr", "ProvisionAks", "Deploy");
        Assert.That((await first.Cluster.ProvisionAsync(default)).Summary, Does.EndWith("creating; awaited before Deploy"));

        var second = deployment.Begin();
        Assert.That(await second.ChangesAsync(), Does.Contain((AzurePart.Cluster, ChangeKind.Unchanged)));
        await second.ProvisionAsync();

        Assert.That(deployment.CommandsSince(0).Count(command => command == "aks create"), Is.EqualTo(1));
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task Interrupted_at_each_mutation_a_deployment_is_finished_by_running_it_again()
    {
        await using var deployment = await Deployment.StartAsync();
        var runs = 0;
        while (true)
        {
            var run = deployment.Begin();
            if (!(await run.ChangesAsync()).Any())
                break;
            Assert.That(++runs, Is.LessThanOrEqualTo(12), "A run that is interrupted after one mutation must not be in vain.");
            using var interrupt = new CancellationTokenSource();
            deployment.Emulator.ClearHooks();

            // Azure has done it, az has not heard of it, and both az and the run are ended.
            deployment.Emulator.OnMutation(async mutation => await interrupt.CancelAsync());
            try
            {
                await run.ProvisionAsync(interrupt.Token);
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }

            deployment.Emulator.ClearHooks();
        }

        TestContext.Out.WriteLine($"{runs} interrupted runs, {deployment.Host.Journal.Count} az commands");
        Assert.That(runs, Is.GreaterThanOrEqualTo(3));
        var state = deployment.Emulator.State;
        Assert.That((state.Groups.Count(group => group.Name == "hello-group"), state.StorageAccounts.Count, state.Registries.Count, state.Clusters.Count), Is.EqualTo((1, 1, 1, 1)));
        Assert.That(state.RoleAssignments.Count(assignment => assignment.PrincipalId == state.Cluster("hello-cluster")!.KubeletObjectId), Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task A_first_run_takes_little_longer_than_the_longest_chain_of_cloud_time()
    {
        await using var deployment = await Deployment.StartAsync(new AzureEmulatorOptions { Durations = OperationDurations.LifeLike(10) });
        var time = TimeProvider.System;
        var started = time.GetTimestamp();

        await deployment.ProvisionAsync();

        var total = time.GetElapsedTime(started);
        var clock = deployment.Journal.Records.ToLookup(record => record.CommandLine.Contains(" aks create ") ? "aks" : record.CommandLine.Contains(" group create ") ? "group" : "other");
        var chain = TimeSpan.FromSeconds(30) + clock["group"].Single().Duration + clock["aks"].Single().Duration;
        TestContext.Out.WriteLine($"total {total.TotalSeconds:0.0} s, longest chain {chain.TotalSeconds:0.0} s (cluster 30 s, az group create {clock["group"].Single().Duration.TotalSeconds:0.0} s, az aks create {clock["aks"].Single().Duration.TotalSeconds:0.0} s)");
        var share = clock["other"].Sum(record => record.Duration.TotalSeconds);
        Assert.That(total, Is.LessThanOrEqualTo(chain * 1.15), $"the other commands took {share:0.0} s");
    }
}
