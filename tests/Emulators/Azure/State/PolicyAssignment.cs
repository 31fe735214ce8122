using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A policy in force on the subscription.</summary>
/// <param name="DefinitionId">The GUID of a built-in definition.</param>
/// <param name="Effect"><c>Deny</c>, <c>Modify</c> or <c>Audit</c>.</param>
public sealed record PolicyAssignment(string Name, string DisplayName, string DefinitionId, string Effect)
{
    /// <summary>"Storage accounts should prevent shared key access".</summary>
    public const string PreventSharedKey = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54";

    internal JsonObject ToJson(string subscriptionId) => new()
    {
        ["id"] = $"/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/policyAssignments/{Name}",
        ["name"] = Name,
        ["type"] = "Microsoft.Authorization/policyAssignments",
        ["properties"] = new JsonObject
        {
            ["displayName"] = DisplayName,
            ["policyDefinitionId"] = $"/providers/Microsoft.Authorization/policyDefinitions/{DefinitionId}",
            ["scope"] = $"/subscriptions/{subscriptionId}",
            ["notScopes"] = new JsonArray(),
            ["enforcementMode"] = "Default",
            ["parameters"] = new JsonObject { ["effect"] = new JsonObject { ["value"] = Effect } },
        },
    };
}
