using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A repository-scoped token: a user name with up to two passwords.</summary>
public sealed class RegistryToken(string name)
{
    public string Name { get; } = name;

    public string ScopeMapId { get; set; } = "";

    public string Status { get; set; } = "enabled";

    /// <summary>By name: <c>password1</c>, <c>password2</c>.</summary>
    public Dictionary<string, string> Passwords { get; } = [];

    internal JsonObject ToJson(ContainerRegistry registry) => new()
    {
        ["id"] = $"{registry.Id}/tokens/{Name}",
        ["name"] = Name,
        ["type"] = "Microsoft.ContainerRegistry/registries/tokens",
        ["properties"] = new JsonObject
        {
            ["scopeMapId"] = ScopeMapId,
            ["status"] = Status,
            ["provisioningState"] = "Succeeded",

            // Shown without values: Azure hands a password out once, when it is generated.
            ["credentials"] = new JsonObject { ["passwords"] = new JsonArray([.. Passwords.Keys.Select(password => new JsonObject { ["name"] = password })]) },
        },
    };
}
