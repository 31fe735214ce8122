using System.Text.Json;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>A policy that forbids the keys with which a share is mounted: hashicorp/terraform-provider-azurerm#25218, Azure/Community-Policy#468.</summary>
public static class SharedKeyPolicy
{
    /// <summary>The built-in "Storage accounts should prevent shared key access".</summary>
    public const string BuiltIn = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54";

    private const string Property = "allowSharedKeyAccess";

    public const string DiskWorks = "set azure.storage.kind to disk: a managed disk per instance needs no key";

    /// <summary>The id of what an assignment assigns, where it is enforced at our scope; null where it does not concern us.</summary>
    /// <param name="group">ARM id of the resource group.</param>
    public static string? AssignedDefinition(JsonElement assignment, string group)
    {
        if (string.Equals(assignment.Text("properties", "enforcementMode"), "DoNotEnforce", StringComparison.OrdinalIgnoreCase))
            return null;
        var isExcluded = assignment.Items("properties", "notScopes").Any(scope =>
            scope.GetString() is { Length: > 0 } excluded && (group + "/").StartsWith(excluded.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase));
        return isExcluded ? null : assignment.Text("properties", "policyDefinitionId");
    }

    public static bool IsSet(string definitionId) => definitionId.Contains("/policySetDefinitions/", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Of the policies in a set, those that may be about shared keys: the built-in one, and all that are not built in, whose names tell nothing.
    /// </summary>
    public static IReadOnlyList<JsonElement> Candidates(JsonElement set) =>
    [
        .. set.Items("properties", "policyDefinitions").Where(member => member.Text("policyDefinitionId") is { } id
            && (id.EndsWith(BuiltIn, StringComparison.OrdinalIgnoreCase)
                || !id.StartsWith("/providers/Microsoft.Authorization/", StringComparison.OrdinalIgnoreCase))),
    ];

    /// <summary>The effect that a policy has on shared keys (<c>Deny</c>, <c>Audit</c>, ...); null where it is about something else.</summary>
    /// <param name="definition">The policy.</param>
    /// <param name="given">Parameters given to it, by the assignment or by the set's member.</param>
    public static string? Effect(JsonElement definition, JsonElement? given)
    {
        if (definition.Property("properties", "policyRule") is not { } rule || !rule.GetRawText().Contains(Property, StringComparison.OrdinalIgnoreCase))
            return null;
        return Resolve(rule.Text("then", "effect"), given, definition.Property("properties", "parameters"));
    }

    /// <summary>
    /// The same for an assignment of the built-in policy, whose definition need not be read: its parameter is called effect and defaults to Audit.
    /// Null for any other.
    /// </summary>
    public static string? BuiltInEffect(string definitionId, JsonElement? given)
    {
        ArgumentNullException.ThrowIfNull(definitionId);
        return definitionId.EndsWith(BuiltIn, StringComparison.OrdinalIgnoreCase) ? given?.Text("effect", "value") ?? "Audit" : null;
    }

    /// <summary>What a member of a set is given, with the set's own parameters filled in from the assignment.</summary>
    public static string? EffectInSet(JsonElement definition, JsonElement member, JsonElement set, JsonElement? given)
    {
        if (Effect(definition, member.Property("parameters")) is not { } effect)
            return null;
        return Resolve(effect, given, set.Property("properties", "parameters"));
    }

    public static bool Forbids(string? effect) =>
        effect is not null && (effect.Equals("Deny", StringComparison.OrdinalIgnoreCase) || effect.Equals("Modify", StringComparison.OrdinalIgnoreCase)
            || effect.Equals("Append", StringComparison.OrdinalIgnoreCase));

    /// <param name="policies">Display names of the assignments that forbid shared keys, with their effects.</param>
    /// <param name="storage">The account; null where it is still to be made.</param>
    public static Finding Judge(IReadOnlyList<(string Name, string Effect)> policies, ObservedStorage? storage, AzureSettings azure)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(azure);
        var account = azure.Storage.Account;
        var subject = $"shared keys of storage account {account}";
        if (storage is { AllowsSharedKey: false })
        {
            return new Finding(
                FindingSeverity.Error, subject, "the account forbids them, and a share is mounted with one",
                $"{DiskWorks}; or allow them: az storage account update --name {account} --resource-group {azure.ResourceGroup} --subscription {azure.Subscription} "
                + "--allow-shared-key-access true");
        }

        return policies.Count == 0
            ? new Finding(FindingSeverity.Good, subject, "no policy forbids them")
            : new Finding(
                FindingSeverity.Error, subject,
                $"forbidden by policy: {string.Join(", ", policies.Select(policy => $"{policy.Name} ({policy.Effect})"))}; a share is mounted with such a key",
                $"{DiskWorks}; or ask for an exemption of the resource group: az policy exemption create");
    }

    /// <summary>Follows <c>[parameters('effect')]</c> to the value given, or to its default.</summary>
    private static string? Resolve(string? effect, JsonElement? given, JsonElement? parameters)
    {
        if (effect is null || !effect.StartsWith("[parameters(", StringComparison.OrdinalIgnoreCase))
            return effect;
        var name = effect.Split('\'') is [_, var quoted, _] ? quoted : "";
        return given?.Text(name, "value") ?? parameters?.Text(name, "defaultValue") ?? effect;
    }
}
