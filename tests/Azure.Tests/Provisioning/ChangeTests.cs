using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Planning;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>Each kind of change, and each conflict, with the real az.</summary>
[Platform("Linux")]
public sealed class ChangeTests
{
    [Test]
    public async Task Changed_settings_are_changed_in_place_and_nothing_is_left_to_do()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var azure = deployment.Azure;
        deployment.Azure = azure with
        {
            Tags = new Dictionary<string, string> { ["cost-centre"] = "42" },
            Storage = azure.Storage with { Sku = "Standard_GRS", AccessTier = "Cool", QuotaGiB = 100 },
            Registry = azure.Registry with { Sku = "Premium" },
            Cluster = azure.Cluster with { NodeCount = 3 },
        };

        var run = await deployment.ProvisionAsync();

        TestContext.Out.WriteLine(await run.PlanAsync());
        var state = deployment.Emulator.State;
        var account = state.StorageAccount("hellostorage")!;
        Assert.Multiple(() =>
        {
            Assert.That((account.Sku, account.AccessTier, account.Shares["ambrosia-logs"].Quota), Is.EqualTo(("Standard_GRS", "Cool", 100)));
            Assert.That(state.Registry("helloregistry")!.Sku, Is.EqualTo("Premium"));
            Assert.That(state.Cluster("hello-cluster")!.AgentPools[0].Count, Is.EqualTo(3));
            foreach (var tags in new[] { account.Tags, state.Registry("helloregistry")!.Tags, state.Cluster("hello-cluster")!.Tags, state.Group("hello-group")!.Tags })
                Assert.That(tags, Is.EquivalentTo(new Dictionary<string, string> { ["ambrosia-deployment"] = "hello", ["cost-centre"] = "42" }));
        });
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task What_was_loosened_by_hand_is_tightened_again()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var account = deployment.Emulator.State.StorageAccount("hellostorage")!;
        account.MinimumTlsVersion = "TLS1_0";
        account.SupportsHttpsTrafficOnly = false;
        account.AllowBlobPublicAccess = true;
        deployment.Emulator.State.Registry("helloregistry")!.AdminUserEnabled = true;

        await deployment.ProvisionAsync();

        Assert.Multiple(() =>
        {
            Assert.That((account.MinimumTlsVersion, account.SupportsHttpsTrafficOnly, account.AllowBlobPublicAccess), Is.EqualTo(("TLS1_2", true, false)));
            Assert.That(deployment.Emulator.State.Registry("helloregistry")!.AdminUserEnabled, Is.False);
            Assert.That(deployment.CommandsSince(0), Is.EquivalentTo(["storage account update", "acr update"]));
        });
    }

    [Test]
    public async Task Conflicts_stop_a_run_before_its_first_mutation()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        var azure = deployment.Azure;
        (AzurePart Part, string Word, Func<Build.Settings.AzureSettings> Settings)[] conflicts =
        [
            (AzurePart.Group, "azure.location", () => azure with { Location = "eastus" }),
            (AzurePart.Cluster, "azure.cluster.vmSize", () => azure with { Cluster = azure.Cluster with { VmSize = "Standard_D4s_v5" } }),
            (AzurePart.StorageAccount, "azure.storage.sku", () => azure with { Storage = azure.Storage with { Sku = "Standard_ZRS" } }),
            (AzurePart.StorageAccount, "azure.storage.sku", () => azure with { Storage = azure.Storage with { Sku = "Premium_LRS", QuotaGiB = 100 } }),
        ];
        foreach (var (part, word, settings) in conflicts)
        {
            deployment.Azure = settings();
            var run = deployment.Begin();

            var error = (await Assert.ThrowsAsync<BuildException>(() => run.ProvisionAsync()))!;

            Assert.That(error.Message, Does.StartWith("AMB3003").And.Contain(word).And.Contain("fix:"));
            Assert.That(await run.ChangesAsync(), Does.Contain((part, ChangeKind.Conflict)));
        }

        Assert.That(deployment.Host.Journal, Is.Empty);
        Assert.That(deployment.Emulator.MutationCount, Is.Zero);
    }

    [Test]
    public async Task A_resource_of_somebody_else_is_a_conflict_until_it_is_adopted_with_the_command_that_is_named()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant();
        deployment.Emulator.State.Registry("helloregistry")!.Tags = new Dictionary<string, string> { ["theirs"] = "yes" };

        var error = (await Assert.ThrowsAsync<BuildException>(() => deployment.ProvisionAsync()))!;
        var command = error.Remedy is null ? error.Message[error.Message.IndexOf("az tag update", StringComparison.Ordinal)..].Split('\n')[0] : error.Remedy;
        await deployment.Host.RunAsync([.. command.Split(' ').Skip(1)]);

        Assert.That(deployment.Emulator.State.Registry("helloregistry")!.Tags.Keys, Is.EquivalentTo(["theirs", "ambrosia-deployment"]));
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);
    }
}
