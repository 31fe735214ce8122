using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Container registries with their scope maps and tokens, as Resource Manager sees them.</summary>
internal sealed partial class RegistryEndpoints(AzureState state, Operations operations)
{
    private static readonly string[] Skus = ["Basic", "Standard", "Premium"];

    private readonly TrackedResources<ContainerRegistry> _registries = new(state, ContainerRegistry.ResourceType, "registry");

    public void Map(EndpointMap map)
    {
        var path = _registries.Route;
        _registries.MapReads(map);
        _registries.MapCheckName(
            map, name => RegistryName().IsMatch(name) ? null : ("Invalid", $"The specified registry name '{name}' is invalid."),
            name => $"The registry {name} is already in use.");
        map.Map("PUT", path, Put);
        map.Map("PATCH", path, request => Change(request, _registries.Require(request)));
        map.Map("DELETE", path, Delete);
        map.Map("POST", path + "/listCredentials", ListCredentials);
        map.Map("GET", path + "/scopeMaps", request =>
        {
            var registry = _registries.Require(request);
            return Listing.Page(request, state.Options, registry.ScopeMaps.Values.Select(map => map.ToJson(registry)));
        });
        map.Map("GET", path + "/scopeMaps/{scopeMap}", request => ApiReply.Ok(RequireScopeMap(request).ToJson(_registries.Require(request))));
        map.Map("PUT", path + "/scopeMaps/{scopeMap}", PutScopeMap);
        map.Map("PATCH", path + "/scopeMaps/{scopeMap}", PutScopeMap);
        map.Map("DELETE", path + "/scopeMaps/{scopeMap}", request => new ApiReply(_registries.Require(request).ScopeMaps.Remove(request["scopeMap"]) ? 200 : 204));
        map.Map("GET", path + "/tokens", request =>
        {
            var registry = _registries.Require(request);
            return Listing.Page(request, state.Options, registry.Tokens.Values.Select(token => token.ToJson(registry)));
        });
        map.Map("GET", path + "/tokens/{token}", request => ApiReply.Ok(RequireToken(_registries.Require(request), request["token"]).ToJson(_registries.Require(request))));
        map.Map("PUT", path + "/tokens/{token}", PutToken);
        map.Map("PATCH", path + "/tokens/{token}", PutToken);
        map.Map("DELETE", path + "/tokens/{token}", request => new ApiReply(_registries.Require(request).Tokens.Remove(request["token"]) ? 200 : 204));
        map.Map("POST", path + "/generateCredentials", GenerateCredentials);
    }

    private ApiReply Put(ApiRequest request)
    {
        var (group, name, existing) = _registries.ForPut(request, RegistryName(), _ => new ApiException(400, "InvalidResourceName",
            "Resource names may contain alpha numeric characters only and must be between 5 and 50 characters."));
        if (existing is not null)
            return Change(request, existing);
        if (state.IsTaken<ContainerRegistry>(name))
            throw new ApiException(409, "AlreadyInUse", $"The registry DNS name {name}.azurecr.io is already in use.");
        var registry = new ContainerRegistry(group, name, AzureState.Region(request.Body["location"].Text() ?? group.Location), state.DefaultLoginServer)
        {
            Sku = RequireSku(request.Body["sku"]?["name"].Text()),
            Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>(),
            Properties = request.Body["properties"].Fields(),
        };
        state.Add(registry);
        var operation = operations.Work(request, registry, "Creating", state.Options.Durations.RegistryCreate);
        return operations.Began(request, 201, operation, registry.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Change(ApiRequest request, ContainerRegistry registry)
    {
        RequireSettled(registry);
        registry.Sku = request.Body["sku"]?["name"].Text() is { } sku ? RequireSku(sku) : registry.Sku;
        registry.Tags = request.Body["tags"].Tags() ?? registry.Tags;
        registry.Properties = registry.Properties.With(request.Body["properties"]);
        var operation = operations.Work(request, registry, "Updating", state.Options.Durations.RegistryUpdate);
        return operations.Began(request, 200, operation, registry.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Delete(ApiRequest request)
    {
        if (_registries.Find(request) is not { } registry)
            return new ApiReply(204);
        RequireSettled(registry);
        var operation = operations.Work(request, registry, "Deleting", state.Options.Durations.RegistryDelete, () => state.Remove(registry));
        return operations.Began(request, 202, operation, null, asynchronous: true);
    }

    private ApiReply ListCredentials(ApiRequest request)
    {
        var registry = _registries.Require(request);
        if (!registry.AdminUserEnabled)
            throw new ApiException(400, "UnAuthorizedForCredentialOperations", $"Admin user is disabled for the container registry '{registry.Name}'.");
        while (registry.AdminPasswords.Count < 2)
            registry.AdminPasswords.Add(state.Secrets.Next(SecretKind.RegistryPassword, registry.Name));
        return ApiReply.Ok(new JsonObject
        {
            ["username"] = registry.Name,
            ["passwords"] = new JsonArray(
                new JsonObject { ["name"] = "password", ["value"] = registry.AdminPasswords[0] },
                new JsonObject { ["name"] = "password2", ["value"] = registry.AdminPasswords[1] }),
        });
    }

    private ScopeMap RequireScopeMap(ApiRequest request) => _registries.Require(request).ScopeMaps.GetValueOrDefault(request["scopeMap"])
        ?? throw new ApiException(404, "ResourceNotFound", $"The scope map '{request["scopeMap"]}' was not found.");

    private ApiReply PutScopeMap(ApiRequest request)
    {
        var registry = _registries.RequireParent(request, "registries/scopeMaps");
        var exists = registry.ScopeMaps.TryGetValue(request["scopeMap"], out var scopeMap);
        scopeMap ??= new ScopeMap(request["scopeMap"]);
        if (request.Body["properties"]?["actions"] is JsonArray actions)
            scopeMap.Actions = [.. actions.Select(action => action.Text() ?? "")];
        scopeMap.Description = request.Body["properties"]?["description"].Text() ?? scopeMap.Description;
        registry.ScopeMaps[scopeMap.Name] = scopeMap;
        return new ApiReply(exists ? 200 : 201, scopeMap.ToJson(registry));
    }

    private static RegistryToken RequireToken(ContainerRegistry registry, string name) => registry.Tokens.GetValueOrDefault(name)
        ?? throw new ApiException(404, "ResourceNotFound", $"The token '{name}' was not found.");

    private ApiReply PutToken(ApiRequest request)
    {
        var registry = _registries.RequireParent(request, "registries/tokens");
        var exists = registry.Tokens.TryGetValue(request["token"], out var token);
        token ??= new RegistryToken(request["token"]);
        token.ScopeMapId = request.Body["properties"]?["scopeMapId"].Text() ?? token.ScopeMapId;
        token.Status = request.Body["properties"]?["status"].Text() ?? token.Status;
        var scopeMap = token.ScopeMapId[(token.ScopeMapId.LastIndexOf('/') + 1)..];
        if (!registry.ScopeMaps.ContainsKey(scopeMap) && !scopeMap.StartsWith("_repositories_", StringComparison.Ordinal))
            throw new ApiException(400, "InvalidScopeMapId", $"The scope map '{token.ScopeMapId}' does not exist.");
        registry.Tokens[token.Name] = token;
        return new ApiReply(exists ? 200 : 201, token.ToJson(registry));
    }

    private ApiReply GenerateCredentials(ApiRequest request)
    {
        var registry = _registries.Require(request);
        var tokenId = request.Body["tokenId"].Text() ?? "";
        var token = RequireToken(registry, tokenId[(tokenId.LastIndexOf('/') + 1)..]);
        var names = request.Body["name"].Text() is { } name ? [name] : new[] { "password1", "password2" };
        foreach (var password in names)
            token.Passwords[password] = state.Secrets.Next(SecretKind.RegistryPassword, $"{registry.Name}/{token.Name}");
        return ApiReply.Ok(new JsonObject
        {
            ["username"] = token.Name,
            ["passwords"] = new JsonArray([.. names.Select(password => new JsonObject
            {
                ["name"] = password, ["value"] = token.Passwords[password], ["creationTime"] = state.Now.ToString("O"),
            })]),
        });
    }

    private static string RequireSku(string? sku) => Skus.FirstOrDefault(known => AzureState.Same(known, sku))
        ?? throw new ApiException(400, "InvalidSku", $"The specified sku '{sku}' is invalid.");

    private static void RequireSettled(ContainerRegistry registry)
    {
        if (!registry.IsSettled)
        {
            throw new ApiException(409, "Conflict",
                $"The registry '{registry.Name}' is in state '{registry.ProvisioningState}'. Please wait until the current operation has ended.");
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9]{5,50}$")]
    private static partial Regex RegistryName();
}
