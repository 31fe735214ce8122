using System.Text.Json;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Observation;

/// <summary>From ARM's answers to what is compared with the settings. What Azure leaves out gets the meaning that Azure gives it.</summary>
internal static class ObservedJson
{
    public static ObservedResource Resource(JsonElement json) => new(
        json.Text("id") ?? "",
        json.Text("name") ?? "",
        json.Text("type") ?? "",
        (json.Text("location") ?? "").Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant(),
        Tags(json.Property("tags")),
        json.Text("properties", "provisioningState") ?? json.Text("provisioningState") ?? "");

    public static ObservedStorage Storage(JsonElement json) => new(
        Resource(json),
        json.Text("sku", "name") ?? "",
        json.Text("kind") ?? "",
        json.Text("properties", "accessTier"),
        json.Text("properties", "minimumTlsVersion"),
        json.Flag("properties", "supportsHttpsTrafficOnly") ?? false,
        // Both were allowed for accounts that were made before these properties were: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties
        json.Flag("properties", "allowBlobPublicAccess") ?? true,
        json.Flag("properties", "allowSharedKeyAccess") ?? true,
        json.Text("properties", "primaryEndpoints", "file") is { } file && Uri.TryCreate(file, UriKind.Absolute, out var address) ? address.Authority : null)
    {
        HasLargeShares = string.Equals(json.Text("properties", "largeFileSharesState"), "Enabled", StringComparison.OrdinalIgnoreCase),
    };

    public static ObservedShare Share(JsonElement json) => new(json.Text("name") ?? "", (int)(json.Number("properties", "shareQuota") ?? 0), json.Text("etag"));

    public static ObservedRegistry Registry(JsonElement json) => new(
        Resource(json),
        json.Text("sku", "name") ?? "",
        json.Flag("properties", "adminUserEnabled") ?? false,
        json.Text("properties", "loginServer") ?? "");

    public static ObservedCluster Cluster(JsonElement json)
    {
        var isPrivate = json.Flag("properties", "apiServerAccessProfile", "enablePrivateCluster") ?? false;
        var (open, hidden) = (json.Text("properties", "fqdn"), json.Text("properties", "privateFQDN"));
        return new ObservedCluster(
            Resource(json),
            json.Text("properties", "identityProfile", "kubeletidentity", "objectId"),
            [.. json.Items("properties", "agentPoolProfiles").Select(NodePool)],
            json.Text("properties", "powerState", "code") ?? "Running",
            json.Property("properties", "aadProfile") is not null || (json.Flag("properties", "disableLocalAccounts") ?? false),
            isPrivate,
            isPrivate ? hidden ?? open : open ?? hidden,
            json.Text("properties", "nodeResourceGroup"))
        {
            // "msi" stands for a managed identity.
            HasServicePrincipal = json.Text("properties", "servicePrincipalProfile", "clientId") is { Length: > 0 } client
                && !client.Equals("msi", StringComparison.OrdinalIgnoreCase),
        };
    }

    public static ObservedRoleAssignment RoleAssignment(JsonElement json) => new(
        json.Text("id") ?? "",
        json.Text("properties", "principalId") ?? "",
        (json.Text("properties", "roleDefinitionId") ?? "").Split('/')[^1],
        json.Text("properties", "scope") ?? "");

    public static ObservedRegistryToken RegistryToken(JsonElement json) => new(json.Text("name") ?? "", json.Text("properties", "status") ?? "");

    private static ObservedNodePool NodePool(JsonElement json) => new(
        json.Text("name") ?? "",
        json.Text("vmSize") ?? "",
        (int)(json.Number("count") ?? 0),
        json.Text("mode") ?? "",
        json.Text("provisioningState") ?? "")
    {
        IsAutoscaled = json.Flag("enableAutoScaling") ?? false,
    };

    private static Dictionary<string, string> Tags(JsonElement? tags)
    {
        // Names of tags compare without case: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (tags is { ValueKind: JsonValueKind.Object } some)
        {
            foreach (var tag in some.EnumerateObject())
                result[tag.Name] = tag.Value.ValueKind == JsonValueKind.String ? tag.Value.GetString() ?? "" : tag.Value.ToString();
        }

        return result;
    }
}
