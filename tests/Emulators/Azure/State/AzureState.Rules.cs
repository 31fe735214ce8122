using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>What endpoints do to the state, and what they must ask first. All of it runs with the gate held.</summary>
public sealed partial class AzureState
{
    internal SentinelSecrets Secrets => _secrets;

    internal AzureEmulatorOptions Options => _options;

    internal IDictionary<string, ResourceGroup> GroupsByName => _groups;

    internal IEnumerable<ArmResource> AllResources => _resources.Values;

    internal IDictionary<string, string> ProvidersByName => _providers;

    internal IList<RoleAssignment> AllRoleAssignments => _roleAssignments;

    internal IList<GraphApplication> AllApplications => _applications;

    internal IList<GraphServicePrincipal> AllServicePrincipals => _servicePrincipals;

    internal IEnumerable<PolicyAssignment> AllPolicies => _policies;

    internal IEnumerable<string> AllDenied => _denied;

    internal ResourceGroup RequireGroup(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
            throw new ApiException(404, "ResourceGroupNotFound", $"Resource group '{name}' could not be found.");
        return group;
    }

    /// <summary>The group for something that is to be put into it.</summary>
    internal ResourceGroup RequireGroupForWrite(string name)
    {
        var group = RequireGroup(name);
        if (group.ProvisioningState == "Deleting")
        {
            throw new ApiException(409, "ResourceGroupBeingDeleted",
                $"The resource group '{name}' is in deprovisioning state and cannot perform this operation.");
        }
        return group;
    }

    internal void RequireProvider(string name)
    {
        if (!Same(_providers.GetValueOrDefault(name, "NotRegistered"), "Registered"))
        {
            throw new ApiException(409, "MissingSubscriptionRegistration",
                $"The subscription is not registered to use namespace '{name}'. See https://aka.ms/rps-not-found for how to register subscriptions.");
        }
    }

    internal T? Find<T>(ResourceGroup group, string type, string name)
        where T : ArmResource =>
        _resources.GetValueOrDefault($"{group.Id}/providers/{type}/{name}") as T;

    internal T Require<T>(string groupName, string type, string name)
        where T : ArmResource
    {
        var group = RequireGroup(groupName);
        return Find<T>(group, type, name) ?? throw new ApiException(404, "ResourceNotFound",
            $"The Resource '{type}/{name}' under resource group '{groupName}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
    }

    /// <summary>The parent of something that is to be put below it.</summary>
    internal T RequireParent<T>(string groupName, string type, string name, string childType)
        where T : ArmResource
    {
        var group = RequireGroupForWrite(groupName);
        return Find<T>(group, type, name) ?? throw new ApiException(404, "ParentResourceNotFound",
            $"Failed to perform 'write' on resource(s) of type '{childType}', because the parent resource '{group.Id}/providers/{type}/{name}' could not be found.");
    }

    internal bool IsRestricted(VmSize size, string location) =>
        size.RestrictedIn.Contains("*") || size.RestrictedIn.Contains(location) || _restricted.Contains((location, size.Name));

    /// <summary>Ends the operations on a resource without their effect: a deletion overtakes them.</summary>
    internal void Forget(ArmResource resource) => _operations.RemoveAll(operation => !operation.IsDone && operation.Resource == resource);

    internal void Add(ArmResource resource)
    {
        resource.Created = Now;
        _resources[resource.Id] = resource;
    }

    /// <summary>Removes a resource with what hangs on it: role assignments at it, and the node group of a cluster.</summary>
    internal void Remove(ArmResource resource)
    {
        _resources.Remove(resource.Id);
        RemoveAssignmentsBelow(resource.Id);
        if (resource is ManagedCluster cluster && _groups.TryGetValue(cluster.NodeResourceGroup, out var nodes))
            Remove(nodes);
    }

    internal void Remove(ResourceGroup group)
    {
        _groups.Remove(group.Name);
        foreach (var resource in _resources.Values.Where(resource => resource.Group == group).ToList())
            Remove(resource);
        RemoveAssignmentsBelow(group.Id);
    }

    internal void AddNodeGroup(ManagedCluster cluster) =>
        _groups[cluster.NodeResourceGroup] = new ResourceGroup(_options.SubscriptionId, cluster.NodeResourceGroup, cluster.Location) { ManagedBy = cluster.Id };

    internal bool IsTaken<T>(string name)
        where T : ArmResource =>
        _takenNames.Contains(name) || _resources.Values.OfType<T>().Any(resource => Same(resource.Name, name));

    internal static void RequireSameLocation(ArmResource existing, string? location)
    {
        if (location is not null && !Same(existing.Location, Region(location)))
        {
            throw new ApiException(409, "InvalidResourceLocation",
                $"The resource '{existing.Name}' already exists in location '{existing.Location}' in resource group '{existing.Group.Name}'. "
                + $"A resource with the same name cannot be created in location '{location}'. Please select a new resource name.");
        }
    }

    internal Quota QuotaOf(string location, string family) => _quotas.GetValueOrDefault((location, family)) ?? new Quota(100);

    /// <summary>vCPUs of a family (or with <c>cores</c> of all) that clusters in a region use, but for one cluster.</summary>
    internal int VCpusInUse(string location, string family, ManagedCluster? but = null) => QuotaOf(location, family).UsedElsewhere
        + _resources.Values.OfType<ManagedCluster>().Where(cluster => cluster != but && Same(cluster.Location, location))
            .SelectMany(cluster => cluster.AgentPools)
            .Sum(pool => VmSize.Catalogue.FirstOrDefault(size => Same(size.Name, pool.VmSize)) is { } size && (family == "cores" || size.Family == family)
                ? size.VCpus * pool.Count
                : 0);

    internal string AddPassword(PasswordCredentials credentials, string owner, string displayName, DateTimeOffset until) =>
        credentials.Add(_secrets.Next(SecretKind.ClientSecret, owner), displayName, Now, until);

    internal bool IsSecretOf(string appId, string secret) =>
        (Same(appId, _options.ClientId) && secret == _secrets.ClientSecret)
        || _applications.Any(application => Same(application.AppId, appId) && application.Credentials.Values.ContainsValue(secret))
        || _servicePrincipals.Any(principal => Same(principal.AppId, appId) && principal.Credentials.Values.ContainsValue(secret));

    /// <summary><c>West Europe</c> and <c>westeurope</c> are the same place.</summary>
    internal static string Region(string location) => location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    internal bool IsDenied(string action) => _denied.Any(denied =>
        Regex.IsMatch(action, "^" + Regex.Escape(denied).Replace("\\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.IgnoreCase));

    private void RemoveAssignmentsBelow(string id) => _roleAssignments.RemoveAll(assignment =>
        Same(assignment.Scope, id) || assignment.Scope.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase));
}
