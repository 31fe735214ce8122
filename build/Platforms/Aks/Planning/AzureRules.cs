using System.Globalization;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>What is compared, and what can be changed in place: a row a property.</summary>
internal static class AzureRules
{
    /// <summary>https://learn.microsoft.com/azure/storage/files/understanding-billing</summary>
    public const int LeastPremiumQuotaGiB = 100;

    private const int LargestUsualShareGiB = 5120;

    private static readonly string[][] RedundanciesInPlace =
    [
        ["Standard_LRS", "Standard_GRS", "Standard_RAGRS"],
        ["Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"],
    ];

    public static readonly IReadOnlyList<PropertyRule<ObservedResource>> Group =
    [
        Location<ObservedResource>(group => group, "azure.resourceGroup"),
        Tags<ObservedResource>(group => group, AzurePart.Group),
    ];

    public static readonly IReadOnlyList<PropertyRule<ObservedStorage>> Storage =
    [
        Location<ObservedStorage>(storage => storage.Resource, "azure.storage.account"),
        new("azure.storage.sku", names => names.Azure.Storage.Sku, (_, storage) => storage.Sku)
        {
            // https://learn.microsoft.com/azure/storage/common/redundancy-migration
            Obstacle = RedundancyObstacle,
            Remedy = names => $"set azure.storage.sku back, or choose another name in azure.storage.account (the logs in {names.Azure.Storage.Account} stay behind)",
            Options = names => ["--sku", names.Azure.Storage.Sku],
        },
        new("kind", names => AccountKind(names.Azure.Storage.Sku), (_, storage) => storage.Kind)
        {
            Obstacle = (_, _) => "the kind of an account is fixed when it is made",
            Remedy = _ => "choose another name in azure.storage.account",
            SkipUnknown = true,
        },
        new("azure.storage.accessTier", names => IsPremium(names.Azure.Storage.Sku) ? null : names.Azure.Storage.AccessTier, (_, storage) => storage.AccessTier)
        {
            // Not --access-tier: with that, az 2.61 and later ask back, and --yes is an option that earlier ones do not know.
            Options = names => ["--set", $"accessTier={names.Azure.Storage.AccessTier}"],
        },
        new("largeFileShares", names => NeedsLargeShares(names) ? "true" : null, (_, storage) => Text(storage.HasLargeShares))
        {
            Options = _ => ["--enable-large-file-share"],
        },
        new("minimumTlsVersion", _ => "TLS1_2", (_, storage) => storage.MinimumTlsVersion == "TLS1_3" ? "TLS1_2" : storage.MinimumTlsVersion)
        {
            Options = _ => ["--min-tls-version", "TLS1_2"],
        },
        new("httpsOnly", _ => "true", (_, storage) => Text(storage.HttpsOnly)) { Options = _ => ["--https-only", "true"] },
        new("allowBlobPublicAccess", _ => "false", (_, storage) => Text(storage.AllowsPublicBlobs))
        {
            Options = _ => ["--allow-blob-public-access", "false"],
        },
        new("allowSharedKeyAccess", _ => "true", (_, storage) => Text(storage.AllowsSharedKey))
        {
            // Whoever has forbidden it, or a policy, meant it: it is not ours to allow.
            Obstacle = (_, _) => "the share is mounted with the account's key, and somebody has forbidden that",
            Remedy = names => "set azure.storage.kind to disk, which needs no key, or allow it: "
                + $"az storage account update --name {names.Azure.Storage.Account} --resource-group {names.Azure.ResourceGroup} "
                + $"--subscription {names.Subscription} --allow-shared-key-access true",
        },
        Tags<ObservedStorage>(storage => storage.Resource, AzurePart.StorageAccount),
    ];

    public static readonly IReadOnlyList<PropertyRule<ObservedShare>> Share =
    [
        new("azure.storage.quotaGiB", names => Text(names.Azure.Storage.QuotaGiB), (_, share) => Text(share.QuotaGiB))
        {
            Options = names => ["--quota", Text(names.Azure.Storage.QuotaGiB)],
        },
    ];

    public static readonly IReadOnlyList<PropertyRule<ObservedRegistry>> Registry =
    [
        Location<ObservedRegistry>(registry => registry.Resource, "azure.registry.name"),
        new("azure.registry.sku", names => names.Azure.Registry.Sku, (_, registry) => registry.Sku)
        {
            Options = names => ["--sku", names.Azure.Registry.Sku],
        },
        new("adminUserEnabled", _ => "false", (_, registry) => Text(registry.AdminUserEnabled)) { Options = _ => ["--admin-enabled", "false"] },
        Tags<ObservedRegistry>(registry => registry.Resource, AzurePart.Registry),
    ];

    public static readonly IReadOnlyList<PropertyRule<ObservedCluster>> Cluster =
    [
        Location<ObservedCluster>(cluster => cluster.Resource, "azure.cluster.name"),
        new("azure.cluster.vmSize", names => names.Azure.Cluster.VmSize, (_, cluster) => SystemPool(cluster)?.VmSize)
        {
            Obstacle = (_, _) => "the size of a node pool's machines is fixed when it is made",
            Remedy = _ => "set azure.cluster.vmSize back, choose another name in azure.cluster.name, or remove the cluster with --target=Clean --scope=all",
            SkipUnknown = true,
        },
        new("power", _ => "Running", (_, cluster) => cluster.PowerState)
        {
            Command = (names, _) => AzureCommands.StartCluster(names),
            SkipUnknown = true,
        },
        // Where the autoscaler sets the number of nodes, "az aks scale" is refused.
        new("azure.cluster.nodeCount", names => Text(names.Azure.Cluster.NodeCount), (_, cluster) => SystemPool(cluster) is { IsAutoscaled: false } pool ? Text(pool.Count) : null)
        {
            Command = (names, cluster) => AzureCommands.ScaleCluster(names, SystemPool(cluster)!.Name),
            SkipUnknown = true,
        },
        Tags<ObservedCluster>(cluster => cluster.Resource, AzurePart.Cluster),
    ];

    /// <summary>Premium file shares need an account of their own kind.</summary>
    public static string AccountKind(string sku) => IsPremium(sku) ? "FileStorage" : "StorageV2";

    public static bool IsPremium(string sku) => sku.StartsWith("Premium_", StringComparison.OrdinalIgnoreCase);

    /// <summary>Standard shares beyond 5120 GiB need an account that is set up for large ones.</summary>
    public static bool NeedsLargeShares(AzureNames names) => !IsPremium(names.Azure.Storage.Sku) && names.Azure.Storage.QuotaGiB > LargestUsualShareGiB;

    public static bool IsAutoscaled(ObservedCluster? cluster) => cluster is not null && SystemPool(cluster) is { IsAutoscaled: true };

    private static ObservedNodePool? SystemPool(ObservedCluster cluster) =>
        cluster.NodePools.FirstOrDefault(pool => string.Equals(pool.Mode, "System", StringComparison.OrdinalIgnoreCase)) ?? (cluster.NodePools is [var first, ..] ? first : null);

    private static string? RedundancyObstacle(string old, string wanted)
    {
        if (IsPremium(old) != IsPremium(wanted))
            return "an account is standard or premium for good";
        if (RedundanciesInPlace.Any(together => Has(together, old) && Has(together, wanted)))
            return null;
        return $"Azure changes {old} to {wanted} only by a conversion that one asks it for, which may take days";

        static bool Has(string[] together, string sku) => together.Contains(sku, StringComparer.OrdinalIgnoreCase);
    }

    private static PropertyRule<T> Location<T>(Func<T, ObservedResource> resource, string nameKey) =>
        new("azure.location", names => names.Azure.Location, (_, observed) => Region(resource(observed).Location))
        {
            Obstacle = (_, _) => "nothing in Azure can be moved to another region",
            Remedy = _ => $"set azure.location back, or choose another name in {nameKey}",
        };

    /// <summary>Only the tags that are wanted count; whatever else is there stays.</summary>
    private static PropertyRule<T> Tags<T>(Func<T, ObservedResource> resource, AzurePart part) =>
        new("tags", names => Text(names.Tags, names.Tags.Keys), (names, observed) => Text(resource(observed).Tags, names.Tags.Keys))
        {
            Command = (names, _) => AzureCommands.SetTags(names, part),
            Comparison = StringComparison.Ordinal,
        };

    private static string Text(IReadOnlyDictionary<string, string> tags, IEnumerable<string> keys) => string.Join(
        ", ",
        keys.Order(StringComparer.OrdinalIgnoreCase).Select(key => (Key: key, Value: Find(tags, key))).Where(tag => tag.Value is not null)
            .Select(tag => $"{tag.Key}={tag.Value}"));

    /// <summary>Names of tags are case-insensitive, their values are not.</summary>
    private static string? Find(IReadOnlyDictionary<string, string> tags, string key) =>
        tags.FirstOrDefault(tag => string.Equals(tag.Key, key, StringComparison.OrdinalIgnoreCase)).Value;

    private static string Region(string location) => location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
