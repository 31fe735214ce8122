using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Managed clusters, their node pools and credentials.</summary>
internal sealed partial class ClusterEndpoints(AzureState state, Operations operations)
{
    private readonly TrackedResources<ManagedCluster> _clusters = new(state, ManagedCluster.ResourceType, "cluster");

    public void Map(EndpointMap map)
    {
        var cluster = _clusters.Route;
        var pool = cluster + "/agentPools/{pool}";
        _clusters.MapReads(map);
        map.Map("PUT", cluster, Put);
        map.Map("PATCH", cluster, Patch);
        map.Map("DELETE", cluster, Delete);
        map.Map("POST", cluster + "/start", request => Power(request, "Starting", "Running"));
        map.Map("POST", cluster + "/stop", request => Power(request, "Stopping", "Stopped"));
        map.Map("POST", cluster + "/listClusterUserCredential", request => Credentials(request, "clusterUser"));
        map.Map("POST", cluster + "/listClusterAdminCredential", request => Credentials(request, "clusterAdmin"));
        map.Map("GET", cluster + "/agentPools", request =>
        {
            var owner = _clusters.Require(request);
            return Listing.Page(request, state.Options, owner.AgentPools.Select(owner.ToJson));
        });
        map.Map("GET", pool, request => ApiReply.Ok(_clusters.Require(request).ToJson(RequirePool(_clusters.Require(request), request["pool"]))));
        map.Map("PUT", pool, PutPool);
        map.Map("DELETE", pool, DeletePool);
    }

    private ApiReply Put(ApiRequest request)
    {
        var (group, name, existing) = _clusters.ForPut(request, ClusterName(), wrong => new ApiException(400, "InvalidParameter",
            $"The value of parameter name is invalid. Error details: '{wrong}' is not a valid cluster name."));
        if (existing is not null)
            return Change(request, existing);
        var properties = request.Body["properties"].Fields();
        var location = AzureState.Region(request.Body["location"].Text() ?? group.Location);
        RequireSizes(location, Pools(properties), but: null);
        var cluster = new ManagedCluster(group, name, location, state.Options.TenantId, state.Secrets)
        {
            Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>(),
            Properties = properties,
            IdentityVisible = state.Now + (state.Options.Durations.ClusterCreate * state.Options.KubeletIdentityAfter),
        };
        if (properties["kubernetesVersion"].Text() is { Length: > 0 } version)
            cluster.KubernetesVersion = version;
        if (properties["nodeResourceGroup"].Text() is { Length: > 0 } nodes)
            cluster.NodeResourceGroup = nodes;
        state.Add(cluster);
        state.AddNodeGroup(cluster);
        var operation = operations.Work(request, cluster, "Creating", state.Options.Durations.ClusterCreate);
        return operations.Began(request, 201, operation, cluster.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Change(ApiRequest request, ManagedCluster cluster)
    {
        RequireSettled(cluster);
        var properties = cluster.Properties.With(request.Body["properties"]);
        RequireUnchanged(cluster, "properties.dnsPrefix", cluster.Properties["dnsPrefix"].Text(), properties["dnsPrefix"].Text());
        foreach (var pool in Pools(properties))
        {
            if (cluster.AgentPools.FirstOrDefault(known => known.Name == pool.Name) is { } known)
                RequireUnchanged(cluster, "properties.vmSize", known.VmSize, pool.VmSize);
        }
        RequireSizes(cluster.Location, Pools(properties), cluster);
        cluster.Properties = properties;
        cluster.Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>();
        var operation = operations.Work(request, cluster, "Updating", state.Options.Durations.ClusterUpdate);
        return operations.Began(request, 200, operation, cluster.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Patch(ApiRequest request)
    {
        var cluster = _clusters.Require(request);
        RequireSettled(cluster);
        cluster.Tags = request.Body["tags"].Tags() ?? cluster.Tags;
        var operation = operations.Work(request, cluster, "Updating", state.Options.Durations.ClusterUpdate);
        return operations.Began(request, 200, operation, cluster.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Delete(ApiRequest request)
    {
        if (_clusters.Find(request) is not { } cluster)
            return new ApiReply(204);

        // A cluster may be deleted while it is made or changed; the deletion is what remains.
        state.Forget(cluster);
        var operation = operations.Work(request, cluster, "Deleting", state.Options.Durations.ClusterDelete, () => state.Remove(cluster));
        return operations.Began(request, 202, operation, null, asynchronous: true);
    }

    private ApiReply Power(ApiRequest request, string during, string then)
    {
        var cluster = _clusters.Require(request);
        RequireSettled(cluster);
        var operation = operations.Work(request, cluster, during, state.Options.Durations.ClusterUpdate, () => cluster.PowerState = then);
        return operations.Began(request, 202, operation, null, asynchronous: true);
    }

    private ApiReply Credentials(ApiRequest request, string name)
    {
        var cluster = _clusters.Require(request);
        if (name == "clusterAdmin" && cluster.DisableLocalAccounts)
            throw new ApiException(400, "BadRequest", "Getting static credential is not allowed because this cluster is set to disable local accounts.");
        return ApiReply.Ok(new JsonObject
        {
            ["kubeconfigs"] = new JsonArray(new JsonObject { ["name"] = name, ["value"] = cluster.KubeconfigBase64 }),
        });
    }

    private static AgentPool RequirePool(ManagedCluster cluster, string name) => cluster.AgentPools.FirstOrDefault(pool => AzureState.Same(pool.Name, name))
        ?? throw new ApiException(404, "NotFound", $"Could not find the agent pool '{name}' of cluster '{cluster.Name}'.");

    private ApiReply PutPool(ApiRequest request)
    {
        var cluster = _clusters.RequireParent(request, "managedClusters/agentPools");
        RequireSettled(cluster);
        var name = request["pool"];
        var profile = request.Body["properties"].Fields();
        profile["name"] = name;
        var existing = cluster.AgentPools.FirstOrDefault(pool => AzureState.Same(pool.Name, name));
        if (existing is not null && new AgentPool(profile).VmSize is { Length: > 0 } size)
            RequireUnchanged(cluster, "properties.vmSize", existing.VmSize, size);
        var properties = cluster.Properties.Copy();
        var profiles = (JsonArray)(properties["agentPoolProfiles"] ??= new JsonArray());
        var merged = (existing?.Profile ?? []).With(profile);
        var index = profiles.ToList().FindIndex(other => AzureState.Same(other?["name"].Text(), name));
        if (index < 0)
            profiles.Add((JsonNode)merged);
        else
            profiles[index] = merged;
        RequireSizes(cluster.Location, Pools(properties), cluster);
        cluster.Properties = properties;
        var operation = operations.Work(request, cluster, "Updating", state.Options.Durations.ClusterUpdate);
        return operations.Began(
            request, existing is null ? 201 : 200, operation, cluster.ToJson(RequirePool(cluster, name)), asynchronous: true);
    }

    private ApiReply DeletePool(ApiRequest request)
    {
        var cluster = _clusters.Require(request);
        RequireSettled(cluster);
        if (cluster.AgentPools.FirstOrDefault(pool => AzureState.Same(pool.Name, request["pool"])) is not { } pool)
            return new ApiReply(204);
        var operation = operations.Work(request, cluster, "Updating", state.Options.Durations.ClusterUpdate,
            () => ((JsonArray)cluster.Properties["agentPoolProfiles"]!).Remove(pool.Profile));
        return operations.Began(request, 202, operation, null, asynchronous: true);
    }

    private static List<AgentPool> Pools(JsonObject properties) =>
        properties["agentPoolProfiles"] is JsonArray profiles ? [.. profiles.OfType<JsonObject>().Select(profile => new AgentPool(profile))] : [];

    /// <summary>Refuses sizes that the region lacks, and more vCPUs than the quotas leave.</summary>
    private void RequireSizes(string location, List<AgentPool> pools, ManagedCluster? but)
    {
        var wanted = new Dictionary<string, int>();
        foreach (var pool in pools)
        {
            var size = VmSize.Catalogue.FirstOrDefault(known => AzureState.Same(known.Name, pool.VmSize));
            if (size is null || size.VCpus < 2 || state.IsRestricted(size, location))
            {
                throw new ApiException(400, "BadRequest",
                    $"The VM size of {pool.VmSize} is not allowed in your subscription in location '{location}'. For more details, please visit https://aka.ms/cpquota");
            }
            wanted[size.Family] = wanted.GetValueOrDefault(size.Family) + (size.VCpus * pool.Count);
        }
        var existing = but?.AgentPools.Sum(pool => VmSize.Catalogue.FirstOrDefault(known => AzureState.Same(known.Name, pool.VmSize))?.VCpus * pool.Count) ?? 0;
        if (wanted.Values.Sum() <= existing)
            return;
        foreach (var (family, count) in wanted.Append(KeyValuePair.Create("cores", wanted.Values.Sum())))
        {
            var remaining = state.QuotaOf(location, family).Limit - state.VCpusInUse(location, family, but);
            if (count > remaining)
            {
                throw new ApiException(400, "ErrCode_InsufficientVCPUQuota",
                    $"Insufficient {(family == "cores" ? "regional " : "")}vcpu quota requested {count}, remaining {remaining}"
                    + $"{(family == "cores" ? "" : $" for family {family}")} for region {location}.");
            }
        }
    }

    private static void RequireUnchanged(ManagedCluster cluster, string property, string? was, string? wanted)
    {
        if (!AzureState.Same(was, wanted))
            throw new ApiException(400, "PropertyChangeNotAllowed", $"Changing property '{property}' is not allowed. Cluster: {cluster.Name}.");
    }

    private static void RequireSettled(ManagedCluster cluster)
    {
        if (!cluster.IsSettled)
        {
            throw new ApiException(409, "OperationNotAllowed",
                $"Operation is not allowed: Another operation ({cluster.ProvisioningState}) is in progress, please wait for it to finish before starting a new operation.");
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$")]
    private static partial Regex ClusterName();
}
