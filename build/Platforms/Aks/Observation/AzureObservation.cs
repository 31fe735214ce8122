namespace Ambrosia.Build.Platforms.Aks.Observation;

/// <summary>What exists in Azure of a deployment, read at one time. Null: it does not exist.</summary>
/// <param name="Resources">Everything in the resource group, ours or not; empty where the group is missing.</param>
/// <param name="RoleAssignments">Those on the registry; empty where that is missing.</param>
/// <param name="RegistryTokens">Repository-scoped tokens of the registry; empty where that is missing.</param>
public sealed record AzureObservation(
    ObservedResource? Group,
    ObservedStorage? Storage,
    ObservedShare? Share,
    ObservedRegistry? Registry,
    ObservedCluster? Cluster,
    IReadOnlyList<ObservedResource> Resources,
    IReadOnlyList<ObservedRoleAssignment> RoleAssignments,
    IReadOnlyList<ObservedRegistryToken> RegistryTokens)
{
    public static AzureObservation Nothing { get; } = new(null, null, null, null, null, [], [], []);
}

/// <param name="Id">ARM id.</param>
/// <param name="Type">Such as <c>Microsoft.Storage/storageAccounts</c>.</param>
/// <param name="Location">In ARM's spelling: lower case, no spaces.</param>
/// <param name="ProvisioningState"><c>Succeeded</c>, <c>Creating</c>, <c>Updating</c>, <c>Deleting</c>, <c>Failed</c>, <c>Canceled</c>; empty where ARM gives none.</param>
public sealed record ObservedResource(
    string Id, string Name, string Type, string Location, IReadOnlyDictionary<string, string> Tags, string ProvisioningState)
{
    /// <summary>Carries the tag of this deployment.</summary>
    public bool IsOf(string serviceName) =>
        Tags.TryGetValue(OwnerTag, out var owner) && string.Equals(owner, serviceName, StringComparison.OrdinalIgnoreCase);

    /// <summary>The tag that everything of ours carries.</summary>
    public const string OwnerTag = "ambrosia-deployment";
}

/// <param name="FileEndpoint">Host of the account's file service, such as <c>hello.file.core.windows.net</c>; null for an account without one.</param>
public sealed record ObservedStorage(
    ObservedResource Resource,
    string Sku,
    string Kind,
    string? AccessTier,
    string? MinimumTlsVersion,
    bool HttpsOnly,
    bool AllowsPublicBlobs,
    bool AllowsSharedKey,
    string? FileEndpoint)
{
    /// <summary>Its standard shares may have more than 5120 GiB.</summary>
    public bool HasLargeShares { get; init; }
}

/// <param name="QuotaGiB">In GiB.</param>
/// <param name="ETag">Another after each change, and for a share that was made anew under the same name.</param>
public sealed record ObservedShare(string Name, int QuotaGiB, string? ETag = null);

public sealed record ObservedRegistry(ObservedResource Resource, string Sku, bool AdminUserEnabled, string LoginServer);

/// <param name="KubeletObjectId">Object id (not client id: Azure/acr#695) of the identity with which nodes pull; null before the cluster is made.</param>
/// <param name="PowerState"><c>Running</c> or <c>Stopped</c>.</param>
/// <param name="NeedsKubelogin">Users log in with Entra, whether or not local accounts are there too: kubectl needs kubelogin.</param>
/// <param name="IsPrivate">The API server has no public address.</param>
/// <param name="NodeResourceGroup">The group that AKS makes for the nodes.</param>
public sealed record ObservedCluster(
    ObservedResource Resource,
    string? KubeletObjectId,
    IReadOnlyList<ObservedNodePool> NodePools,
    string PowerState,
    bool NeedsKubelogin,
    bool IsPrivate,
    string? Fqdn,
    string? NodeResourceGroup)
{
    /// <summary>It was made with a service principal, which it has in place of a kubelet identity.</summary>
    public bool HasServicePrincipal { get; init; }

    /// <summary>Something of it has come up at some time, so that something could be lost with it.</summary>
    public bool EverRan => KubeletObjectId is not null || HasServicePrincipal
        || NodePools.Any(pool => string.Equals(pool.ProvisioningState, "Succeeded", StringComparison.OrdinalIgnoreCase));
}

/// <param name="Mode"><c>System</c> or <c>User</c>.</param>
public sealed record ObservedNodePool(string Name, string VmSize, int Count, string Mode, string ProvisioningState)
{
    /// <summary>AKS sets the number of its nodes.</summary>
    public bool IsAutoscaled { get; init; }
}

/// <param name="RoleName">GUID of the role definition, the last segment of its id.</param>
public sealed record ObservedRoleAssignment(string Id, string PrincipalId, string RoleName, string Scope);

public sealed record ObservedRegistryToken(string Name, string Status);

/// <summary>Reads <see cref="AzureObservation"/> through Azure Resource Manager's REST API: reads by REST, writes by az.</summary>
public interface IAzureObserver
{
    /// <summary>What exists now; each call reads anew.</summary>
    /// <exception cref="Errors.BuildException">AMB3001, AMB3002, AMB3004.</exception>
    Task<AzureObservation> ObserveAsync(CancellationToken cancellation);
}
