using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>The real <c>az aks</c> accepts what the emulator answers.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class ClusterTests
{
    [Test]
    public async Task A_cluster_lives_from_create_to_delete()
    {
        var clock = new SkippingClock();
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions
        {
            Clock = clock,
            Durations = new OperationDurations { ClusterCreate = TimeSpan.FromHours(1), ClusterDelete = TimeSpan.FromMilliseconds(100) },
        });
        var state = host.Emulator.State;
        state.AddGroup("rg1");
        string[] cluster = ["-n", "aks1", "-g", "rg1", "--subscription", host.Emulator.Options.SubscriptionId];

        await host.RunAsync(
            ["aks", "create", .. cluster, "-l", "westeurope", "--enable-managed-identity", "--no-ssh-key", "--node-count", "2",
                "--node-vm-size", "Standard_DS2_v2", "--tags", "ambrosia-deployment=perftest", "--no-wait"]);
        var stored = state.Cluster("aks1")!;
        Assert.That(stored.ProvisioningState, Is.EqualTo("Creating"));
        await host.FailAsync("OperationNotAllowed", ["aks", "scale", .. cluster, "--node-count", "3"]);
        clock.Skip(TimeSpan.FromHours(1));
        await host.RunAsync(["aks", "wait", .. cluster, "--created", "--interval", "1", "--timeout", "60"]);
        var shown = await host.JsonAsync(["aks", "show", .. cluster]);
        Assert.Multiple(() =>
        {
            Assert.That((string?)shown["provisioningState"], Is.EqualTo("Succeeded"));
            Assert.That((string?)shown["identityProfile"]!["kubeletidentity"]!["objectId"], Is.EqualTo(stored.KubeletObjectId));
            Assert.That((string?)shown["identity"]!["type"], Is.EqualTo("SystemAssigned"));
            Assert.That(stored.AgentPools.Select(pool => (pool.VmSize, pool.Count)), Is.EqualTo(new[] { ("Standard_DS2_v2", 2) }));
            Assert.That(state.Group(stored.NodeResourceGroup), Is.Not.Null);
        });

        await host.RunAsync(["aks", "scale", .. cluster, "--nodepool-name", stored.AgentPools[0].Name, "--node-count", "3"]);
        Assert.That(stored.AgentPools[0].Count, Is.EqualTo(3));
        await host.RunAsync(
            ["aks", "nodepool", "scale", "--cluster-name", "aks1", "-g", "rg1", "-n", stored.AgentPools[0].Name, "--node-count", "1", "--subscription", host.Emulator.Options.SubscriptionId]);
        Assert.That(stored.AgentPools[0].Count, Is.EqualTo(1));
        await host.RunAsync(["aks", "update", .. cluster, "--tags", "a=1"]);
        Assert.That(stored.Tags, Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "1" }));

        await host.RunAsync(["aks", "update", .. cluster, "--yes", "--no-wait"]);
        stored.PowerState = "Stopped";
        await host.RunAsync(["aks", "start", .. cluster, "--no-wait"]);
        Assert.That(() => state.Cluster("aks1")!.PowerState, Is.EqualTo("Running").After(10_000, 20));

        stored.Kubeconfig = stored.Kubeconfig.Replace("https://127.0.0.1:1\"", "https://127.0.0.1:6443\"", StringComparison.Ordinal);
        var kubeconfig = await host.RunAsync(["aks", "get-credentials", .. cluster, "--file", "-"]);
        Assert.That(kubeconfig.Output.TrimEnd(), Is.EqualTo(stored.Kubeconfig.TrimEnd()));

        await host.RunAsync(["aks", "delete", .. cluster, "--yes"]);
        Assert.That(state.Clusters, Is.Empty);
        Assert.That(state.Groups.Select(group => group.Name), Is.EqualTo(new[] { "rg1" }));
    }
}
