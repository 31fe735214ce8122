using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>The real <c>az</c> accepts what the emulator answers about groups, storage accounts and shares.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class GroupAndStorageTests
{
    private static readonly string[] Group = ["-g", "rg1", "--subscription", "22222222-2222-2222-2222-222222222222"];

    [Test]
    public async Task Groups_accounts_and_shares_live_from_create_to_delete()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { StorageCreate = TimeSpan.FromMilliseconds(100), GroupDelete = TimeSpan.FromMilliseconds(100) },
        });
        var state = host.Emulator.State;

        var group = await host.JsonAsync("group", "create", "-n", "rg1", "-l", "westeurope", "--tags", "a=b", "ambrosia-deployment=perftest");
        Assert.That((string?)group["properties"]!["provisioningState"], Is.EqualTo("Succeeded"));
        Assert.That(state.Group("rg1")!.Tags, Does.ContainKey("ambrosia-deployment").WithValue("perftest"));

        var account = await host.JsonAsync(
            ["storage", "account", "create", "-n", "emuacct1", .. Group, "-l", "westeurope", "--sku", "Standard_LRS", "--kind", "StorageV2", "--access-tier", "Hot",
                "--min-tls-version", "TLS1_2", "--https-only", "true", "--allow-blob-public-access", "false", "--tags", "ambrosia-deployment=perftest"]);
        Assert.That((string?)account["provisioningState"], Is.EqualTo("Succeeded"));
        var stored = state.StorageAccount("emuacct1")!;
        Assert.Multiple(() =>
        {
            Assert.That(stored.Sku, Is.EqualTo("Standard_LRS"));
            Assert.That(stored.AccessTier, Is.EqualTo("Hot"));
            Assert.That(stored.MinimumTlsVersion, Is.EqualTo("TLS1_2"));
            Assert.That(stored.SupportsHttpsTrafficOnly, Is.True);
            Assert.That(stored.AllowBlobPublicAccess, Is.False);
            Assert.That(stored.Tags, Does.ContainKey("ambrosia-deployment").WithValue("perftest"));
        });

        await host.RunAsync(
            ["storage", "account", "update", "-n", "emuacct1", .. Group, "--sku", "Standard_GRS", "--access-tier", "Cool", "--tags", "a=1", "b=2"]);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Sku, Is.EqualTo("Standard_GRS"));
            Assert.That(stored.AccessTier, Is.EqualTo("Cool"));
            Assert.That(stored.Tags, Has.Count.EqualTo(2));
        });
        await host.FailAsync("InvalidValuesForRequestParameters", ["storage", "account", "update", "-n", "emuacct1", .. Group, "--sku", "Standard_ZRS"]);

        var keys = await host.JsonAsync(["storage", "account", "keys", "list", "-n", "emuacct1", .. Group]);
        Assert.That((string?)keys[0]!["value"], Is.EqualTo(stored.Keys["key1"]));
        var renewed = await host.JsonAsync(["storage", "account", "keys", "renew", "-n", "emuacct1", .. Group, "--key", "primary"]);
        Assert.That((string?)renewed[0]!["value"], Is.EqualTo(stored.Keys["key1"]).And.Not.EqualTo((string?)keys[0]!["value"]));

        string[] share = ["--storage-account", "emuacct1", .. Group, "-n", "logs"];
        await host.RunAsync(["storage", "share-rm", "create", .. share, "--quota", "10"]);
        await host.RunAsync(["storage", "share-rm", "update", .. share, "--quota", "20"]);
        Assert.That(stored.Shares["logs"].Quota, Is.EqualTo(20));
        await host.RunAsync(["storage", "share-rm", "delete", .. share, "--yes"]);
        Assert.That(stored.Shares, Is.Empty);

        await host.RunAsync(["storage", "account", "delete", "-n", "emuacct1", .. Group, "--yes"]);
        await host.RunAsync("group", "delete", "-n", "rg1", "--yes");
        Assert.That(state.Groups, Is.Empty);
    }

    [Test]
    public async Task Tags_providers_and_lists_can_be_seen_and_changed()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions
        {
            PageSize = 2,
            Durations = new OperationDurations { GroupDelete = TimeSpan.FromSeconds(1.5) },
        });
        var state = host.Emulator.State;
        state.AddGroup("rg1");
        var account = state.AddStorageAccount("rg1", "emuacct1");
        state.AddResource("rg1", "Microsoft.Compute/virtualMachines", "foreign1");
        state.AddResource("rg1", "Microsoft.Compute/virtualMachines", "foreign2", new Dictionary<string, string> { ["ambrosia-deployment"] = "perftest" });
        state.SetProvider("Microsoft.ContainerService", "NotRegistered");

        Assert.That((await host.JsonAsync(["resource", "list", .. Group])).AsArray(), Has.Count.EqualTo(3), "all pages");
        Assert.That((await host.JsonAsync("resource", "list", "--tag", "ambrosia-deployment=perftest")).AsArray(), Has.Count.EqualTo(1));

        await host.RunAsync("tag", "update", "--resource-id", account.Id, "--operation", "Merge", "--tags", "a=1");
        await host.RunAsync("resource", "tag", "--ids", account.Id, "--tags", "b=2", "-i");
        Assert.That(account.Tags, Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }));
        await host.RunAsync("group", "update", "-n", "rg1", "--tags", "c=3");
        Assert.That(state.Group("rg1")!.Tags, Does.ContainKey("c").WithValue("3"));

        await host.RunAsync("resource", "delete", "--ids", state.Resources.Single(resource => resource.Name == "foreign1").Id);
        Assert.That(state.Resources.Select(resource => resource.Name), Is.EquivalentTo(new[] { "emuacct1", "foreign2" }));

        var provider = await host.JsonAsync("provider", "show", "-n", "Microsoft.ContainerService");
        Assert.That((string?)provider["registrationState"], Is.EqualTo("NotRegistered"));
        await host.RunAsync("provider", "register", "-n", "Microsoft.ContainerService");
        Assert.That(state.Provider("Microsoft.ContainerService"), Is.EqualTo("Registered"));

        // Not waited for, a deletion ends by the clock alone.
        await host.RunAsync("group", "delete", "-n", "rg1", "--yes", "--no-wait");
        await host.RunAsync("group", "wait", "-n", "rg1", "--deleted", "--interval", "1", "--timeout", "30");
        Assert.That(state.Resources, Is.Empty);
    }
}
