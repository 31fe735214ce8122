using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A policy in force on the subscription: about shared keys, assigned by itself or as member of a set.</summary>
/// <param name="Effect"><c>Deny</c>, <c>Modify</c> or <c>Audit</c>.</param>
/// <param name="BySet">Whether what is assigned is a set that the policy belongs to.</param>
public sealed record PolicyAssignment(string Name, string DisplayName, string Effect, bool BySet)
{
    /// <summary>The built-in definition "Storage accounts should prevent shared key access".</summary>
    public const string PreventSharedKey = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54";

    /// <summary>A set of policies that holds that one.</summary>
    public const string Baseline = "ambrosia-emulated-baseline";

    private const string Definitions = "/providers/Microsoft.Authorization/policyDefinitions/";
    private const string Sets = "/providers/Microsoft.Authorization/policySetDefinitions/";

    internal JsonObject ToJson(string subscriptionId) => new()
    {
        ["id"] = $"/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/policyAssignments/{Name}",
        ["name"] = Name,
        ["type"] = "Microsoft.Authorization/policyAssignments",
        ["properties"] = new JsonObject
        {
            ["displayName"] = DisplayName,
            ["policyDefinitionId"] = BySet ? Sets + Baseline : Definitions + PreventSharedKey,
            ["scope"] = $"/subscriptions/{subscriptionId}",
            ["notScopes"] = new JsonArray(),
            ["enforcementMode"] = "Default",
            ["parameters"] = new JsonObject { [BySet ? "sharedKeyEffect" : "effect"] = new JsonObject { ["value"] = Effect } },
        },
    };

    internal static JsonObject Definition() => new()
    {
        ["id"] = Definitions + PreventSharedKey,
        ["name"] = PreventSharedKey,
        ["type"] = "Microsoft.Authorization/policyDefinitions",
        ["properties"] = new JsonObject
        {
            ["displayName"] = "Storage accounts should prevent shared key access",
            ["policyType"] = "BuiltIn",
            ["mode"] = "Indexed",
            ["parameters"] = new JsonObject { ["effect"] = EffectParameter() },
            ["policyRule"] = new JsonObject
            {
                ["if"] = new JsonObject
                {
                    ["allOf"] = new JsonArray(
                        new JsonObject { ["field"] = "type", ["equals"] = "Microsoft.Storage/storageAccounts" },
                        new JsonObject { ["not"] = new JsonObject { ["field"] = "Microsoft.Storage/storageAccounts/allowSharedKeyAccess", ["equals"] = "false" } }),
                },
                ["then"] = new JsonObject { ["effect"] = "[parameters('effect')]" },
            },
        },
    };

    internal static JsonObject SetDefinition() => new()
    {
        ["id"] = Sets + Baseline,
        ["name"] = Baseline,
        ["type"] = "Microsoft.Authorization/policySetDefinitions",
        ["properties"] = new JsonObject
        {
            ["displayName"] = "Emulated security baseline",
            ["policyType"] = "BuiltIn",
            ["parameters"] = new JsonObject { ["sharedKeyEffect"] = EffectParameter() },
            ["policyDefinitions"] = new JsonArray(new JsonObject
            {
                ["policyDefinitionId"] = Definitions + PreventSharedKey,
                ["policyDefinitionReferenceId"] = "preventSharedKey",
                ["parameters"] = new JsonObject { ["effect"] = new JsonObject { ["value"] = "[parameters('sharedKeyEffect')]" } },
            }),
        },
    };

    private static JsonObject EffectParameter() => new()
    {
        ["type"] = "String",
        ["allowedValues"] = new JsonArray("Audit", "Deny", "Modify", "Disabled"),
        ["defaultValue"] = "Audit",
    };
}
