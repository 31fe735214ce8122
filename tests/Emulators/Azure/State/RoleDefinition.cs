using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A built-in role.</summary>
public sealed record RoleDefinition(string Id, string Name, IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions)
{
    /// <summary>The roles that a deployment deals with, under the ids that they have everywhere.</summary>
    public static IReadOnlyList<RoleDefinition> BuiltIn { get; } =
    [
        new("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"], []),
        new("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ["*"], ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"]),
        new("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ["*/read"], []),
        new("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", ["*/read", "Microsoft.Authorization/*"], []),
        new("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull", ["Microsoft.ContainerRegistry/registries/pull/read"], []),
        new("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush", ["Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write"], []),
        new("17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", ["Microsoft.Storage/storageAccounts/*"], []),
        new("0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb", "Storage File Data SMB Share Contributor", [], []),
    ];

    internal JsonObject ToJson(string subscriptionId) => new()
    {
        ["id"] = $"/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/{Id}",
        ["name"] = Id,
        ["type"] = "Microsoft.Authorization/roleDefinitions",
        ["properties"] = new JsonObject
        {
            ["roleName"] = Name,
            ["type"] = "BuiltInRole",
            ["description"] = Name,
            ["assignableScopes"] = new JsonArray("/"),
            ["permissions"] = new JsonArray(new JsonObject
            {
                ["actions"] = new JsonArray([.. Actions.Select(action => JsonValue.Create(action))]),
                ["notActions"] = new JsonArray([.. NotActions.Select(action => JsonValue.Create(action))]),
            }),
        },
    };
}
