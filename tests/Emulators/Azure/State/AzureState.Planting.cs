using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>What a test plants: it exists at once, with no operation.</summary>
public sealed partial class AzureState
{
    public ResourceGroup AddGroup(string name, string location = "westeurope", IReadOnlyDictionary<string, string>? tags = null) => Locked(() =>
    {
        var group = new ResourceGroup(_options.SubscriptionId, name, location) { Tags = tags ?? new Dictionary<string, string>() };
        _groups[name] = group;
        return group;
    });

    public StorageAccount AddStorageAccount(
        string group, string name, string sku = "Standard_LRS", IReadOnlyDictionary<string, string>? tags = null) => Locked(() =>
        {
            var account = new StorageAccount(_groups[group], name, _groups[group].Location, _secrets) { Sku = sku };
            return Plant(account, tags);
        });

    /// <summary>A share in an account that exists.</summary>
    /// <param name="quota">GiB.</param>
    public FileShare AddShare(string account, string name, int quota = 5120)
    {
        var share = new FileShare(name) { Quota = quota };
        var owner = StorageAccount(account) ?? throw new ArgumentException($"There is no account {account}.", nameof(account));
        return Locked(() => owner.Shares[name] = share);
    }

    public ContainerRegistry AddRegistry(
        string group, string name, string sku = "Basic", IReadOnlyDictionary<string, string>? tags = null) => Locked(() =>
        {
            var registry = new ContainerRegistry(_groups[group], name, _groups[group].Location, DefaultLoginServer) { Sku = sku };
            return Plant(registry, tags);
        });

    public ManagedCluster AddCluster(
        string group, string name, string vmSize = "Standard_DS2_v2", int count = 2, IReadOnlyDictionary<string, string>? tags = null) => Locked(() =>
        {
            var cluster = new ManagedCluster(_groups[group], name, _groups[group].Location, _options.TenantId, _secrets)
            {
                Properties = new JsonObject
                {
                    ["dnsPrefix"] = name,
                    ["enableRBAC"] = true,
                    ["agentPoolProfiles"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "nodepool1",
                        ["vmSize"] = vmSize,
                        ["count"] = count,
                        ["osType"] = "Linux",
                        ["mode"] = "System",
                        ["type"] = "VirtualMachineScaleSets",
                    }),
                },
            };
            AddNodeGroup(cluster);
            return Plant(cluster, tags);
        });

    /// <summary>A resource of any other kind: <c>Microsoft.Compute/virtualMachines</c>.</summary>
    public GenericResource AddResource(string group, string type, string name, IReadOnlyDictionary<string, string>? tags = null) =>
        Locked(() => Plant(new GenericResource(_groups[group], type, name, _groups[group].Location), tags));

    /// <param name="role">A role's name: <c>AcrPull</c>.</param>
    public RoleAssignment AddRoleAssignment(string scope, string principalId, string role, string principalType = "ServicePrincipal") => Locked(() =>
    {
        var assignment = new RoleAssignment(
            Guid.NewGuid().ToString(), scope, principalId, RoleDefinition.BuiltIn.First(definition => Same(definition.Name, role)), principalType);
        _roleAssignments.Add(assignment);
        return assignment;
    });

    /// <summary>An application with its service principal and one secret, which is in <see cref="GraphApplication.Passwords"/>.</summary>
    public GraphServicePrincipal AddServicePrincipal(string displayName) => Locked(() =>
    {
        var application = new GraphApplication(displayName);
        AddPassword(application.Credentials, displayName, "planted", Now.AddYears(1));
        _applications.Add(application);
        var principal = new GraphServicePrincipal(application.AppId, displayName, _options.TenantId);
        _servicePrincipals.Add(principal);
        return principal;
    });

    /// <summary>Puts a planted resource to work, as an interrupted run leaves one behind: <paramref name="during"/> until the time is over.</summary>
    /// <param name="during"><c>Creating</c>, <c>Updating</c> or <c>Deleting</c>.</param>
    /// <param name="end"><c>Succeeded</c> or <c>Failed</c>; a deletion that succeeds removes the resource.</param>
    public void KeepBusy(ArmResource resource, string during, TimeSpan duration, string end = "Succeeded") => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(resource);
        resource.ProvisioningState = during;
        return Begin(
            duration,
            () =>
            {
                resource.ProvisioningState = end;
                if (during == "Deleting" && end == "Succeeded")
                    Remove(resource);
            },
            () => null,
            resource: resource);
    });

    /// <summary>Makes a storage account's or registry's name one that somebody else in the world has.</summary>
    public void TakeName(string name) => Locked(() => _takenNames.Add(name));

    /// <summary>Takes a right away from the logged-in identity: <c>Microsoft.Authorization/roleAssignments/write</c>; <c>*</c> stands for anything.</summary>
    public void Deny(string action) => Locked(() => _denied.Add(action));

    public void Allow(string action) => Locked(() => _denied.Remove(action));

    /// <summary>Sets a provider's registration state: <c>Registered</c>, <c>NotRegistered</c>.</summary>
    public void SetProvider(string name, string state) => Locked(() => _providers[name] = state);

    /// <summary>Sets the vCPU quota of a family (<c>standardDSv2Family</c>) or of the region (<c>cores</c>); 100 where nothing was set.</summary>
    public void SetQuota(string location, string family, int limit, int usedElsewhere = 0) =>
        Locked(() => _quotas[(location, family)] = new Quota(limit, usedElsewhere));

    /// <summary>Makes a VM size one that the subscription may not use in a region.</summary>
    public void RestrictVmSize(string location, string size) => Locked(() => _restricted.Add((location, size)));

    /// <summary>Puts a policy in force that refuses (<c>Deny</c>), corrects (<c>Modify</c>) or notes (<c>Audit</c>) accounts with shared keys.</summary>
    /// <param name="bySet">Assign a set of policies that this one belongs to.</param>
    public PolicyAssignment ForbidSharedKeys(string effect = "Deny", bool bySet = false) => Locked(() =>
    {
        var policy = new PolicyAssignment("no-shared-keys", bySet ? "Security baseline" : "Storage accounts should prevent shared key access", effect, bySet);
        _policies.Add(policy);
        return policy;
    });

    private T Plant<T>(T resource, IReadOnlyDictionary<string, string>? tags)
        where T : ArmResource
    {
        resource.Tags = tags ?? new Dictionary<string, string>();
        resource.Created = Now;
        _resources[resource.Id] = resource;
        return resource;
    }
}
