using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>Operations end by the clock, whether anybody looks or not.</summary>
[Parallelizable]
public sealed class OperationTests
{
    private const string Cluster = "/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1";
    private const string Account = "/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/emuacct1";

    private readonly SkippingClock _clock = new();
    private AzureEmulator _emulator = null!;
    private EmulatorClient _arm = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _emulator = await AzureEmulator.StartAsync(new AzureEmulatorOptions
        {
            Clock = _clock,
            Durations = OperationDurations.LifeLike(scale: 1) with { GroupCreate = TimeSpan.Zero },
            PollInterval = TimeSpan.FromSeconds(2),
        });
        _arm = new EmulatorClient(_emulator);
        _emulator.State.AddGroup("rg1");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _arm.Dispose();
        await _emulator.DisposeAsync();
    }

    [Test]
    public async Task A_cluster_is_creating_then_shows_its_kubelet_identity_then_has_succeeded()
    {
        var body = JsonNode.Parse("""{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"p","vmSize":"Standard_D2s_v5","count":2}]}}""")!;
        var created = await _arm.PutAsync(Cluster, body);
        Assert.That(created.Headers["Retry-After"], Is.EqualTo("2"));
        var operation = created.Headers["Azure-AsyncOperation"];
        Assert.That((string?)(await _arm.GetAsync(operation)).Body?["status"], Is.EqualTo("InProgress"));
        var early = await _arm.GetAsync(Cluster);
        Assert.That((early.ProvisioningState, early.Body?["properties"]?["identityProfile"]), Is.EqualTo(("Creating", (JsonNode?)null)));

        _clock.Skip(TimeSpan.FromSeconds(100));
        var middle = await _arm.GetAsync(Cluster);
        Assert.That((string?)middle.Body?["properties"]?["identityProfile"]?["kubeletidentity"]?["objectId"], Is.EqualTo(_emulator.State.Cluster("aks1")?.KubeletObjectId));
        Assert.That(middle.ProvisioningState, Is.EqualTo("Creating"));

        _clock.Skip(TimeSpan.FromSeconds(200));
        Assert.That((await _arm.GetAsync(Cluster)).ProvisioningState, Is.EqualTo("Succeeded"));
        Assert.That((string?)(await _arm.GetAsync(operation)).Body?["status"], Is.EqualTo("Succeeded"));
    }

    [Test]
    public async Task An_account_is_fetched_from_its_location_when_it_is_made()
    {
        var created = await _arm.PutAsync(Account, JsonNode.Parse("""{"location":"westeurope","sku":{"name":"Standard_LRS"}}""")!);
        Assert.That((created.Status, created.Body), Is.EqualTo((202, (JsonNode?)null)));
        Assert.That((await _arm.GetAsync(created.Headers["Location"])).Status, Is.EqualTo(202));
        var share = await _arm.PutAsync(Account + "/fileServices/default/shares/logs", new JsonObject());
        Assert.That(share.Code, Is.EqualTo("StorageAccountIsNotProvisioned"));
        _clock.Skip(TimeSpan.FromSeconds(20));
        var made = await _arm.GetAsync(created.Headers["Location"]);
        Assert.That((made.Status, made.ProvisioningState), Is.EqualTo((200, "Succeeded")));
    }

    [Test]
    public async Task A_group_goes_with_all_that_is_in_it()
    {
        var cluster = _emulator.State.AddCluster("rg1", "aks1");
        var registry = _emulator.State.AddRegistry("rg1", "emuacr1");
        _emulator.State.AddRoleAssignment(registry.Id, cluster.KubeletObjectId, "AcrPull");
        await _arm.DeleteAsync("/resourceGroups/rg1");
        Assert.That((await _arm.GetAsync("/resourceGroups/rg1")).ProvisioningState, Is.EqualTo("Deleting"));
        _clock.Skip(TimeSpan.FromSeconds(300));
        Assert.Multiple(() =>
        {
            Assert.That(_emulator.State.Groups, Is.Empty, "nor its node group");
            Assert.That(_emulator.State.Resources, Is.Empty);
            Assert.That(_emulator.State.RoleAssignments, Is.Empty);
        });
    }

    [Test]
    public void What_an_interrupted_run_left_behind_ends_by_itself()
    {
        var cluster = _emulator.State.AddCluster("rg1", "aks1");
        _emulator.State.KeepBusy(cluster, "Creating", TimeSpan.FromSeconds(60), end: "Failed");
        Assert.That(_emulator.State.Cluster("aks1")!.ProvisioningState, Is.EqualTo("Creating"));
        _clock.Skip(TimeSpan.FromSeconds(60));
        Assert.That(_emulator.State.Cluster("aks1")!.ProvisioningState, Is.EqualTo("Failed"));
    }

    [Test]
    public async Task Quotas_follow_what_clusters_use()
    {
        _emulator.State.AddCluster("rg1", "aks1", "Standard_D4s_v5", 3);
        _emulator.State.SetQuota("westeurope", "standardDSv5Family", limit: 20, usedElsewhere: 2);
        var usages = await _arm.GetAsync("/providers/Microsoft.Compute/locations/westeurope/usages");
        var family = usages.Body!["value"]!.AsArray().Single(usage => (string?)usage!["name"]!["value"] == "standardDSv5Family")!;
        Assert.That(((int)family["currentValue"]!, (int)family["limit"]!), Is.EqualTo((14, 20)));
    }
}
