using System.Globalization;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Platforms.Aks.Planning;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>Every az command that changes something, as a person would type it. Pure; no secret is an argument.</summary>
internal static class AzureCommands
{
    public static AzCommand CreateGroup(AzureNames names) => new(
        ["group", "create", "--name", names.Azure.ResourceGroup, "--location", names.Azure.Location, .. Tags(names), .. Subscription(names)]);

    public static AzCommand CreateAccount(AzureNames names)
    {
        var storage = names.Azure.Storage;
        var isPremium = AzureRules.IsPremium(storage.Sku);
        string[] tier = isPremium ? [] : ["--access-tier", storage.AccessTier];
        string[] large = AzureRules.NeedsLargeShares(names) ? ["--enable-large-file-share"] : [];
        return new(
        [
            "storage", "account", "create", "--name", storage.Account, .. Group(names), "--location", names.Azure.Location, "--sku", storage.Sku,
            "--kind", AzureRules.AccountKind(storage.Sku), .. tier, .. large, "--min-tls-version", "TLS1_2", "--https-only", "true",
            "--allow-blob-public-access", "false", .. Tags(names), .. Subscription(names),
        ]);
    }

    public static AzCommand UpdateAccount(AzureNames names, IEnumerable<string> options) => new(
        ["storage", "account", "update", "--name", names.Azure.Storage.Account, .. Group(names), .. options, .. Subscription(names)]);

    public static AzCommand CreateShare(AzureNames names) => Share(
        names, "create", "--quota", names.Azure.Storage.QuotaGiB.ToString(CultureInfo.InvariantCulture));

    public static AzCommand UpdateShare(AzureNames names, IEnumerable<string> options) => Share(names, "update", [.. options]);

    public static AzCommand DeleteShare(AzureNames names) => Share(names, "delete", "--yes");

    public static AzCommand CreateRegistry(AzureNames names) => new(
    [
        "acr", "create", "--name", names.Azure.Registry.Name, .. Group(names), "--location", names.Azure.Location, "--sku", names.Azure.Registry.Sku,
        "--admin-enabled", "false", .. Tags(names), .. Subscription(names),
    ]);

    public static AzCommand UpdateRegistry(AzureNames names, IEnumerable<string> options) => new(
        ["acr", "update", "--name", names.Azure.Registry.Name, .. Group(names), .. options, .. Subscription(names)]);

    /// <summary>Without a service principal, without SSH keys; returns while Azure still makes the cluster.</summary>
    public static AzCommand CreateCluster(AzureNames names) => new(
    [
        "aks", "create", .. Cluster(names), "--location", names.Azure.Location, "--enable-managed-identity", "--no-ssh-key",
        "--node-count", NodeCount(names), "--node-vm-size", names.Azure.Cluster.VmSize, .. Tags(names), "--no-wait", "--yes", .. Subscription(names),
    ]);

    public static AzCommand ScaleCluster(AzureNames names, string pool) => new(
        ["aks", "scale", .. Cluster(names), "--nodepool-name", pool, "--node-count", NodeCount(names), "--no-wait", .. Subscription(names)]);

    public static AzCommand StartCluster(AzureNames names) => new(["aks", "start", .. Cluster(names), "--no-wait", .. Subscription(names)]);

    /// <summary>Has Azure bring a cluster whose last operation failed to the state that it should be in; changes no setting.</summary>
    public static AzCommand ReconcileCluster(AzureNames names) => new(["aks", "update", .. Cluster(names), "--yes", "--no-wait", .. Subscription(names)]);

    /// <summary>Adds our tags; others stay.</summary>
    public static AzCommand SetTags(AzureNames names, AzurePart part) => new(
        ["tag", "update", "--resource-id", names.IdOf(part), "--operation", "Merge", .. Tags(names), .. Subscription(names)]);

    /// <summary>By object id and principal type, so that az does not ask the directory, where a new identity may not have arrived yet.</summary>
    public static AzCommand AssignAcrPull(AzureNames names, string principalId) => new(
    [
        "role", "assignment", "create", "--assignee-object-id", principalId, "--assignee-principal-type", "ServicePrincipal", "--role", AzureNames.AcrPull,
        "--scope", names.RegistryId, .. Subscription(names),
    ]);

    public static AzCommand DeleteAssignment(AzureNames names, string id) => new(["role", "assignment", "delete", "--ids", id, .. Subscription(names)]);

    /// <summary>A token that reads the service's own repository and nothing else. Its password is generated when the cluster needs it.</summary>
    public static AzCommand CreateToken(AzureNames names) => new(
    [
        "acr", "token", "create", .. Token(names), "--repository", names.Repository, "content/read", "metadata/read", "--no-passwords", "true",
        .. Subscription(names),
    ]);

    public static AzCommand EnableToken(AzureNames names) => new(["acr", "token", "update", .. Token(names), "--status", "enabled", .. Subscription(names)]);

    public static AzCommand GenerateTokenPassword(AzureNames names) => new(
        ["acr", "token", "credential", "generate", .. Token(names), "--password1", .. Subscription(names)]);

    public static AzCommand DeleteToken(AzureNames names) => new(["acr", "token", "delete", .. Token(names), "--yes", .. Subscription(names)]);

    public static AzCommand DeleteTokenScope(AzureNames names) => new(
        ["acr", "scope-map", "delete", "--name", $"{names.TokenName}-scope-map", "--registry", names.Azure.Registry.Name, .. Group(names), "--yes", .. Subscription(names)]);

    public static AzCommand DeleteGroup(AzureNames names) => new(
        ["group", "delete", "--name", names.Azure.ResourceGroup, "--yes", "--no-wait", .. Subscription(names)]);

    public static AzCommand DeleteCluster(AzureNames names, bool wait) => new(
        ["aks", "delete", .. Cluster(names), "--yes", .. (wait ? (string[])[] : ["--no-wait"]), .. Subscription(names)]);

    public static AzCommand DeleteRegistry(AzureNames names) => new(
        ["acr", "delete", "--name", names.Azure.Registry.Name, .. Group(names), "--yes", .. Subscription(names)]);

    public static AzCommand DeleteAccount(AzureNames names) => new(
        ["storage", "account", "delete", "--name", names.Azure.Storage.Account, .. Group(names), "--yes", .. Subscription(names)]);

    public static AzCommand DeleteResource(AzureNames names, string id) => new(["resource", "delete", "--ids", id, .. Subscription(names)]);

    /// <summary>How to make a resource of the right name ours, for a person to type.</summary>
    public static string Adoption(AzureNames names, string id) => string.Join(
        ' ',
        "az tag update --resource-id", id, "--operation Merge --tags", $"{Observation.ObservedResource.OwnerTag}={names.ServiceName}", "--subscription", names.Subscription);

    private static AzCommand Share(AzureNames names, string verb, params IReadOnlyList<string> options) => new(
    [
        "storage", "share-rm", verb, "--name", names.Azure.Storage.Share, "--storage-account", names.Azure.Storage.Account, .. Group(names), .. options,
        .. Subscription(names),
    ]);

    private static string[] Group(AzureNames names) => ["--resource-group", names.Azure.ResourceGroup];

    private static string[] Cluster(AzureNames names) => ["--name", names.Azure.Cluster.Name, .. Group(names)];

    private static string[] Token(AzureNames names) => ["--name", names.TokenName, "--registry", names.Azure.Registry.Name, .. Group(names)];

    private static string NodeCount(AzureNames names) => names.Azure.Cluster.NodeCount.ToString(CultureInfo.InvariantCulture);

    private static string[] Subscription(AzureNames names) => ["--subscription", names.Subscription];

    private static string[] Tags(AzureNames names) =>
        ["--tags", .. names.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}")];
}
