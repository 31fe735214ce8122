using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Roles, permissions and policies at any scope, and tags as a resource of their own.</summary>
internal sealed partial class AuthorizationEndpoints(AzureState state)
{
    private const string Authorization = "/extension/Microsoft.Authorization";

    public void Map(EndpointMap map)
    {
        map.Map("GET", Authorization + "/roleDefinitions", ListDefinitions);
        map.Map("GET", Authorization + "/roleDefinitions/{name}", request => ApiReply.Ok(RequireDefinition(request["name"]).ToJson(Subscription)));
        map.Map("GET", Authorization + "/roleAssignments", ListAssignments);
        map.Map("GET", Authorization + "/roleAssignments/{name}", request => ApiReply.Ok((Find(request)
            ?? throw new ApiException(404, "RoleAssignmentNotFound", $"The role assignment '{request["name"]}' is not found.")).ToJson(Subscription)));
        map.Map("PUT", Authorization + "/roleAssignments/{name}", PutAssignment);
        map.Map("DELETE", Authorization + "/roleAssignments/{name}", DeleteAssignment);
        map.Map("GET", Authorization + "/permissions", Permissions);
        map.Map("GET", Authorization + "/policyAssignments",
            request => Listing.Page(request, state.Options, state.AllPolicies.Select(policy => policy.ToJson(Subscription))));
        map.Map("GET", "/providers/Microsoft.Authorization/policyDefinitions/{name}", request => request["name"] == PolicyAssignment.PreventSharedKey
            ? ApiReply.Ok(PolicyAssignment.Definition())
            : ApiReply.Error(404, "PolicyDefinitionNotFound", $"The policy definition '{request["name"]}' could not be found."));
        map.Map("GET", "/providers/Microsoft.Authorization/policySetDefinitions/{name}", request => request["name"] == PolicyAssignment.Baseline
            ? ApiReply.Ok(PolicyAssignment.SetDefinition())
            : ApiReply.Error(404, "PolicySetDefinitionNotFound", $"The policy set definition '{request["name"]}' could not be found."));
        map.Map("GET", "/extension/Microsoft.Resources/tags/default", request => ApiReply.Ok(Tags(request, ReadTags(request.Scope))));
        map.Map("PUT", "/extension/Microsoft.Resources/tags/default", request => SetTags(request, "Replace"));
        map.Map("PATCH", "/extension/Microsoft.Resources/tags/default", request => SetTags(request, request.Body["operation"].Text() ?? "Replace"));
    }

    private string Subscription => state.Options.SubscriptionId;

    private static RoleDefinition RequireDefinition(string id) => RoleDefinition.BuiltIn.FirstOrDefault(definition => AzureState.Same(definition.Id, id))
        ?? throw new ApiException(404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{id}' does not exist.");

    private ApiReply ListDefinitions(ApiRequest request)
    {
        var name = RoleName().Match(request.Query("$filter") ?? "");
        return Listing.Page(request, state.Options, RoleDefinition.BuiltIn
            .Where(definition => !name.Success || AzureState.Same(definition.Name, name.Groups["name"].Value))
            .Select(definition => definition.ToJson(Subscription)));
    }

    private ApiReply ListAssignments(ApiRequest request)
    {
        var filter = request.Query("$filter") ?? "";

        // Resource Manager knows the group; whether a resource is there, nobody asks for a list.
        if (request.Scope.Split('/', StringSplitOptions.RemoveEmptyEntries) is { Length: > 3 } segments)
            state.RequireGroup(segments[3]);
        var atScope = filter.Contains("atScope()", StringComparison.OrdinalIgnoreCase);
        var principal = Principal().Match(filter);
        return Listing.Page(request, state.Options, state.AllRoleAssignments
            .Where(assignment => IsAbove(assignment.Scope, request.Scope) || (!atScope && IsAbove(request.Scope, assignment.Scope)))
            .Where(assignment => !principal.Success || AzureState.Same(assignment.PrincipalId, principal.Groups["id"].Value))
            .OrderBy(assignment => assignment.Id, StringComparer.OrdinalIgnoreCase).ToList()
            .Select(assignment => assignment.ToJson(Subscription)));
    }

    private RoleAssignment? Find(ApiRequest request) => state.AllRoleAssignments.FirstOrDefault(assignment =>
        AzureState.Same(assignment.Name, request["name"]) && AzureState.Same(assignment.Scope, request.Scope));

    private ApiReply PutAssignment(ApiRequest request)
    {
        RequireScope(request.Scope);
        var properties = request.Body["properties"];
        var roleId = properties?["roleDefinitionId"].Text() ?? "";
        var principalId = properties?["principalId"].Text() ?? "";
        var principalType = properties?["principalType"].Text();
        var role = RequireDefinition(roleId[(roleId.LastIndexOf('/') + 1)..]);
        if (!Guid.TryParse(principalId, out _))
            throw new ApiException(400, "InvalidPrincipalId", $"A valid principal ID must be provided for role assignment, not '{principalId}'.");

        // Without its type, a principal is looked up in the directory, where a new identity may not have arrived yet.
        if (principalType is null && !IsKnown(principalId))
            throw new ApiException(400, "PrincipalNotFound", $"Principal {principalId} does not exist in the directory {state.Options.TenantId}.");
        if (Find(request) is { } existing)
        {
            if (existing.Role == role && AzureState.Same(existing.PrincipalId, principalId))
                return ApiReply.Ok(existing.ToJson(Subscription));
            throw new ApiException(409, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
        }
        if (!state.Options.AcceptDuplicateRoleAssignments && state.AllRoleAssignments.Any(assignment => assignment.Role == role
            && AzureState.Same(assignment.PrincipalId, principalId) && AzureState.Same(assignment.Scope, request.Scope)))
        {
            throw new ApiException(409, "RoleAssignmentExists", "The role assignment already exists.");
        }
        var added = new RoleAssignment(request["name"], request.Scope, principalId, role, principalType ?? "ServicePrincipal");
        state.AllRoleAssignments.Add(added);
        return new ApiReply(201, added.ToJson(Subscription));
    }

    private ApiReply DeleteAssignment(ApiRequest request)
    {
        if (Find(request) is not { } assignment)
            return new ApiReply(204);
        state.AllRoleAssignments.Remove(assignment);
        return ApiReply.Ok(assignment.ToJson(Subscription));
    }

    private bool IsKnown(string principalId) =>
        state.AllServicePrincipals.Any(principal => AzureState.Same(principal.Id, principalId))
        || state.AllResources.OfType<ManagedCluster>().Any(cluster =>
            AzureState.Same(cluster.KubeletObjectId, principalId) || AzureState.Same(cluster.PrincipalId, principalId));

    private ApiReply Permissions(ApiRequest request) => Listing.Page(request, state.Options, [new JsonObject
    {
        ["actions"] = new JsonArray("*"),
        ["notActions"] = new JsonArray([.. state.AllDenied.Order().Select(action => JsonValue.Create(action))]),
        ["dataActions"] = new JsonArray(),
        ["notDataActions"] = new JsonArray(),
    }]);

    /// <summary>The scope must exist: a subscription, a group or a resource.</summary>
    private void RequireScope(string scope)
    {
        var segments = scope.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length < 4)
            return;
        state.RequireGroup(segments[3]);
        if (segments.Length > 4 && state.AllResources.All(resource => !AzureState.Same(resource.Id, scope)))
            throw new ApiException(404, "ResourceNotFound", $"The Resource '{scope}' was not found.");
    }

    private IReadOnlyDictionary<string, string> ReadTags(string scope)
    {
        RequireScope(scope);
        return state.AllResources.FirstOrDefault(resource => AzureState.Same(resource.Id, scope))?.Tags
            ?? state.RequireGroup(scope.Split('/', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3) ?? "").Tags;
    }

    private ApiReply SetTags(ApiRequest request, string operation)
    {
        var tags = new Dictionary<string, string>(ReadTags(request.Scope));
        var given = request.Body["properties"]?["tags"].Tags() ?? new Dictionary<string, string>();
        if (AzureState.Same(operation, "Replace"))
            tags.Clear();
        foreach (var (name, value) in given)
        {
            if (AzureState.Same(operation, "Delete"))
                tags.Remove(name);
            else
                tags[name] = value;
        }
        if (state.AllResources.FirstOrDefault(resource => AzureState.Same(resource.Id, request.Scope)) is { } resource)
            resource.Tags = tags;
        else
            state.RequireGroup(request.Scope.Split('/', StringSplitOptions.RemoveEmptyEntries)[3]).Tags = tags;
        return ApiReply.Ok(Tags(request, tags));
    }

    private static JsonObject Tags(ApiRequest request, IReadOnlyDictionary<string, string> tags) => new()
    {
        ["id"] = request.Path,
        ["name"] = "default",
        ["type"] = "Microsoft.Resources/tags",
        ["properties"] = new JsonObject { ["tags"] = tags.ToJson() },
    };

    /// <summary>Whether <paramref name="upper"/> is the scope or one above it.</summary>
    private static bool IsAbove(string upper, string scope) =>
        AzureState.Same(upper, scope) || scope.StartsWith(upper.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("roleName eq '(?<name>[^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex RoleName();

    [GeneratedRegex("(principalId eq |assignedTo\\()'(?<id>[^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex Principal();
}
