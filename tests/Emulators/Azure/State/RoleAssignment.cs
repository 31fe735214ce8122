using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <param name="Name">A GUID.</param>
/// <param name="Scope">The resource id that it holds for, and for all below.</param>
public sealed record RoleAssignment(string Name, string Scope, string PrincipalId, RoleDefinition Role, string PrincipalType)
{
    public string Id => $"{Scope}/providers/Microsoft.Authorization/roleAssignments/{Name}";

    internal JsonObject ToJson(string subscriptionId) => new()
    {
        ["id"] = Id,
        ["name"] = Name,
        ["type"] = "Microsoft.Authorization/roleAssignments",
        ["properties"] = new JsonObject
        {
            ["roleDefinitionId"] = $"/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/{Role.Id}",
            ["principalId"] = PrincipalId,
            ["principalType"] = PrincipalType,
            ["scope"] = Scope,
        },
    };
}
