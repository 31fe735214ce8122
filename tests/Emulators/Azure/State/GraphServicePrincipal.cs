using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>An application's principal in the tenant: the one that role assignments name.</summary>
public sealed class GraphServicePrincipal
{
    internal GraphServicePrincipal(string appId, string displayName, string tenantId)
    {
        AppId = appId;
        DisplayName = displayName;
        TenantId = tenantId;
    }

    public string Id { get; internal init; } = Guid.NewGuid().ToString();

    public string AppId { get; }

    public string DisplayName { get; }

    public string TenantId { get; }

    public IReadOnlyList<string> Tags { get; internal set; } = [];

    /// <summary>Its own secrets by key id, beside those of its application.</summary>
    public IReadOnlyDictionary<string, string> Passwords => Credentials.Values;

    internal PasswordCredentials Credentials { get; } = new();

    internal JsonObject ToJson() => new()
    {
        ["@odata.type"] = "#microsoft.graph.servicePrincipal",
        ["id"] = Id,
        ["appId"] = AppId,
        ["displayName"] = DisplayName,
        ["appDisplayName"] = DisplayName,
        ["servicePrincipalNames"] = new JsonArray(AppId),
        ["accountEnabled"] = true,
        ["servicePrincipalType"] = "Application",
        ["appOwnerOrganizationId"] = TenantId,
        ["keyCredentials"] = new JsonArray(),
        ["passwordCredentials"] = Credentials.ToJson(),
        ["tags"] = new JsonArray([.. Tags.Select(tag => JsonValue.Create(tag))]),
    };
}
