using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>The emulator refuses what Azure refuses.</summary>
[Parallelizable]
public sealed class RefusalTests
{
    private const string Group = "/resourceGroups/rg1";
    private const string Account = Group + "/providers/Microsoft.Storage/storageAccounts/";
    private const string Registry = Group + "/providers/Microsoft.ContainerRegistry/registries/";
    private const string Cluster = Group + "/providers/Microsoft.ContainerService/managedClusters/";

    private AzureEmulator _emulator = null!;
    private EmulatorClient _arm = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _emulator = await AzureEmulator.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { ClusterCreate = TimeSpan.FromHours(1), GroupDelete = TimeSpan.FromHours(1) },
        });
        _arm = new EmulatorClient(_emulator);
        _emulator.State.AddGroup("rg1");
        _emulator.State.AddStorageAccount("rg1", "mine");
        _emulator.State.AddRegistry("rg1", "myregistry");
        _emulator.State.AddCluster("rg1", "mycluster", "Standard_DS2_v2", 2);
        _emulator.State.TakeName("theirs");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _arm.Dispose();
        await _emulator.DisposeAsync();
    }

    [TestCase("PUT", "/resourceGroups/bad name", """{"location":"westeurope"}""", 400, "InvalidResourceGroup")]
    [TestCase("PUT", "/resourceGroups/new", """{"location":"atlantis"}""", 400, "LocationNotAvailableForResourceGroup")]
    [TestCase("PUT", "/resourceGroups/rg1", """{"location":"eastus"}""", 409, "InvalidResourceGroupLocation")]
    [TestCase("GET", "/resourceGroups/none", null, 404, "ResourceGroupNotFound")]
    [TestCase("DELETE", "/resourceGroups/none", null, 404, "ResourceGroupNotFound")]
    [TestCase("PUT", Account + "Bad-Name", """{"location":"westeurope","sku":{"name":"Standard_LRS"}}""", 400, "AccountNameInvalid")]
    [TestCase("PUT", Account + "theirs", """{"location":"westeurope","sku":{"name":"Standard_LRS"}}""", 409, "StorageAccountAlreadyTaken")]
    [TestCase("PUT", Account + "mine", """{"location":"eastus","sku":{"name":"Standard_LRS"}}""", 409, "InvalidResourceLocation")]
    [TestCase("PATCH", Account + "mine", """{"sku":{"name":"Standard_ZRS"}}""", 400, "InvalidValuesForRequestParameters")]
    [TestCase("PATCH", Account + "mine", """{"sku":{"name":"Premium_LRS"}}""", 400, "InvalidValuesForRequestParameters")]
    [TestCase("PUT", Account + "none/fileServices/default/shares/logs", """{"properties":{}}""", 404, "ParentResourceNotFound")]
    [TestCase("PUT", Account + "mine/fileServices/default/shares/Logs", """{"properties":{}}""", 400, "InvalidResourceName")]
    [TestCase("PUT", Account + "mine/fileServices/default/shares/logs", """{"properties":{"shareQuota":0}}""", 400, "InvalidHeaderValue")]
    [TestCase("GET", Account + "none", null, 404, "ResourceNotFound")]
    [TestCase("DELETE", Account + "none", null, 204, null)]
    [TestCase("PUT", Registry + "bad-name", """{"location":"westeurope","sku":{"name":"Basic"}}""", 400, "InvalidResourceName")]
    [TestCase("PUT", Registry + "theirs", """{"location":"westeurope","sku":{"name":"Basic"}}""", 409, "AlreadyInUse")]
    [TestCase("PUT", Registry + "myregistry", """{"location":"eastus","sku":{"name":"Basic"}}""", 409, "InvalidResourceLocation")]
    [TestCase("DELETE", Registry + "none1", null, 204, null)]
    [TestCase("PUT", Cluster + "mycluster", """{"location":"eastus"}""", 409, "InvalidResourceLocation")]
    [TestCase("PUT", Cluster + "mycluster",
        """{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"nodepool1","vmSize":"Standard_D2s_v5","count":2}]}}""", 400, "PropertyChangeNotAllowed")]
    [TestCase("PUT", Cluster + "new", """{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"p","vmSize":"Standard_X9","count":2}]}}""", 400, "BadRequest")]
    [TestCase("PUT", Cluster + "new",
        """{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"p","vmSize":"Standard_D2s_v5","count":51}]}}""", 400, "ErrCode_InsufficientVCPUQuota")]
    [TestCase("DELETE", Cluster + "none", null, 204, null)]
    [TestCase("PUT", "/resourceGroups/none/providers/Microsoft.ContainerService/managedClusters/new", """{"location":"westeurope"}""", 404, "ResourceGroupNotFound")]
    public async Task What_Azure_refuses_is_refused(string method, string path, string? body, int status, string? code)
    {
        var answer = await _arm.SendAsync(new HttpMethod(method), path, body is null ? null : JsonNode.Parse(body));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((status, code)), answer.Body?.ToJsonString());
    }

    [TestCase("Standard_LRS", "Standard_RAGRS", 200)]
    [TestCase("Standard_GRS", "Standard_LRS", 200)]
    [TestCase("Standard_ZRS", "Standard_GZRS", 200)]
    [TestCase("Standard_GRS", "Standard_GZRS", 400)]
    [TestCase("Premium_LRS", "Standard_LRS", 400)]
    public async Task Redundancy_changes_within_its_line_alone(string from, string to, int status)
    {
        _emulator.State.AddStorageAccount("rg1", "other", from);
        var answer = await _arm.PatchAsync(Account + "other", new JsonObject { ["sku"] = new JsonObject { ["name"] = to } });
        Assert.That(answer.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task An_unregistered_provider_makes_nothing()
    {
        _emulator.State.SetProvider("Microsoft.ContainerService", "NotRegistered");
        var answer = await _arm.PutAsync(Cluster + "new", new JsonObject { ["location"] = "westeurope" });
        Assert.That(answer.Code, Is.EqualTo("MissingSubscriptionRegistration"));
    }

    [Test]
    public async Task A_denied_action_is_forbidden_and_shows_in_the_permissions()
    {
        _emulator.State.Deny("Microsoft.Authorization/roleAssignments/write");
        var answer = await _arm.PutAsync(
            $"{Group}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}", new JsonObject { ["properties"] = new JsonObject() });
        Assert.That((answer.Status, answer.Code), Is.EqualTo((403, "AuthorizationFailed")));
        var permissions = await _arm.GetAsync(Group + "/providers/Microsoft.Authorization/permissions");
        Assert.That((string?)permissions.Body?["value"]?[0]?["notActions"]?[0], Is.EqualTo("Microsoft.Authorization/roleAssignments/write"));
    }

    [TestCase("Deny", 403)]
    [TestCase("Modify", 202)]
    [TestCase("Audit", 202)]
    public async Task A_policy_against_shared_keys_works_by_its_effect(string effect, int status)
    {
        _emulator.State.ForbidSharedKeys(effect);
        var answer = await _arm.PutAsync(Account + "new", JsonNode.Parse("""{"location":"westeurope","sku":{"name":"Standard_LRS"}}""")!);
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Code, Is.EqualTo(status == 403 ? "RequestDisallowedByPolicy" : null));
        Assert.That(_emulator.State.StorageAccount("new")?.AllowSharedKeyAccess, Is.EqualTo(effect == "Modify" ? false : null));
    }

    [TestCase(false, "policyDefinitions")]
    [TestCase(true, "policySetDefinitions")]
    public async Task An_assigned_policy_leads_to_its_definition(bool bySet, string kind)
    {
        _emulator.State.ForbidSharedKeys(bySet: bySet);
        var assignments = await _arm.GetAsync("/providers/Microsoft.Authorization/policyAssignments?$filter=atScope()");
        var id = (string)assignments.Body!["value"]![0]!["properties"]!["policyDefinitionId"]!;
        Assert.That(id, Does.Contain($"/{kind}/"));
        var definition = await _arm.GetAsync(new Uri(_emulator.BaseUri, id).AbsoluteUri);
        Assert.That((string?)definition.Body?["id"], Is.EqualTo(id));
    }

    [Test]
    public async Task A_busy_cluster_refuses_changes_but_not_its_deletion()
    {
        var body = JsonNode.Parse("""{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"p","vmSize":"Standard_D2s_v5","count":2}]}}""")!;
        Assert.That((await _arm.PutAsync(Cluster + "new", body)).Status, Is.EqualTo(201));
        Assert.That((await _arm.PutAsync(Cluster + "new", body.DeepClone())).Code, Is.EqualTo("OperationNotAllowed"));
        Assert.That((await _arm.DeleteAsync(Cluster + "new")).Status, Is.EqualTo(202));
        Assert.That(() => _emulator.State.Cluster("new"), Is.Null.After(10_000, 20));
    }

    [Test]
    public async Task A_group_that_is_being_deleted_takes_nothing_in()
    {
        Assert.That((await _arm.DeleteAsync(Group)).Status, Is.EqualTo(202));
        var answer = await _arm.PutAsync(Account + "new", JsonNode.Parse("""{"location":"westeurope","sku":{"name":"Standard_LRS"}}""")!);
        Assert.That(answer.Code, Is.EqualTo("ResourceGroupBeingDeleted"));
    }

    [Test]
    public async Task A_second_assignment_of_the_same_role_exists_already()
    {
        var kubelet = _emulator.State.Cluster("mycluster")!.KubeletObjectId;
        JsonObject Body() => new()
        {
            ["properties"] = new JsonObject
            {
                ["roleDefinitionId"] = "/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
                ["principalId"] = kubelet,
            },
        };
        var path = Registry + "myregistry/providers/Microsoft.Authorization/roleAssignments/";
        Assert.That((await _arm.PutAsync(path + Guid.NewGuid(), Body())).Status, Is.EqualTo(201));
        Assert.That((await _arm.PutAsync(path + Guid.NewGuid(), Body())).Code, Is.EqualTo("RoleAssignmentExists"));

        var unknown = Body();
        unknown["properties"]!["principalId"] = Guid.NewGuid().ToString();
        Assert.That((await _arm.PutAsync(path + Guid.NewGuid(), unknown)).Code, Is.EqualTo("PrincipalNotFound"));
    }
}
