using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Container registries with their scope maps and tokens, as Resource Manager sees them.</summary>
internal sealed partial class RegistryEndpoints(AzureState state, Operations operations)
{
    private const string Provider = "Microsoft.ContainerRegistry";
    private const string Registries = EndpointMap.Group + "/providers/Microsoft.ContainerRegistry/registries";
    private const string Registry = Registries + "/{registry}";

    private static readonly string[] Skus = ["Basic", "Standard", "Premium"];

    public void Map(EndpointMap map)
    {
        map.Map("POST", EndpointMap.Subscription + "/providers/Microsoft.ContainerRegistry/checkNameAvailability", CheckName);
        map.Map("GET", EndpointMap.Subscription + "/providers/Microsoft.ContainerRegistry/registries",
            request => List(request, state.AllResources.OfType<ContainerRegistry>()));
        map.Map("GET", Registries, request =>
        {
            var group = state.RequireGroup(request["group"]);
            return List(request, state.AllResources.OfType<ContainerRegistry>().Where(registry => registry.Group == group));
        });
        map.Map("GET", Registry, request => ApiReply.Ok(Require(request).ToJson(state.Now)));
        map.Map("PUT", Registry, Put);
        map.Map("PATCH", Registry, request => Change(request, Require(request)));
        map.Map("DELETE", Registry, Delete);
        map.Map("POST", Registry + "/listCredentials", ListCredentials);
        map.Map("GET", Registry + "/scopeMaps", request =>
        {
            var registry = Require(request);
            return Listing.Page(request, state.Options, registry.ScopeMaps.Values.Select(map => map.ToJson(registry)));
        });
        map.Map("GET", Registry + "/scopeMaps/{scopeMap}", request => ApiReply.Ok(RequireScopeMap(request).ToJson(Require(request))));
        map.Map("PUT", Registry + "/scopeMaps/{scopeMap}", PutScopeMap);
        map.Map("PATCH", Registry + "/scopeMaps/{scopeMap}", PutScopeMap);
        map.Map("DELETE", Registry + "/scopeMaps/{scopeMap}", request => new ApiReply(Require(request).ScopeMaps.Remove(request["scopeMap"]) ? 200 : 204));
        map.Map("GET", Registry + "/tokens", request =>
        {
            var registry = Require(request);
            return Listing.Page(request, state.Options, registry.Tokens.Values.Select(token => token.ToJson(registry)));
        });
        map.Map("GET", Registry + "/tokens/{token}", request => ApiReply.Ok(RequireToken(Require(request), request["token"]).ToJson(Require(request))));
        map.Map("PUT", Registry + "/tokens/{token}", PutToken);
        map.Map("PATCH", Registry + "/tokens/{token}", PutToken);
        map.Map("DELETE", Registry + "/tokens/{token}", request => new ApiReply(Require(request).Tokens.Remove(request["token"]) ? 200 : 204));
        map.Map("POST", Registry + "/generateCredentials", GenerateCredentials);
    }

    private ApiReply CheckName(ApiRequest request)
    {
        var name = request.Body["name"].Text() ?? "";
        if (!RegistryName().IsMatch(name))
        {
            return ApiReply.Ok(new JsonObject
            {
                ["nameAvailable"] = false,
                ["reason"] = "Invalid",
                ["message"] = $"The specified registry name '{name}' is invalid.",
            });
        }
        return ApiReply.Ok(state.IsTaken<ContainerRegistry>(name)
            ? new JsonObject { ["nameAvailable"] = false, ["reason"] = "AlreadyExists", ["message"] = $"The registry {name} is already in use." }
            : new JsonObject { ["nameAvailable"] = true });
    }

    private ApiReply List(ApiRequest request, IEnumerable<ContainerRegistry> registries) => Listing.Page(request, state.Options,
        registries.OrderBy(registry => registry.Name, StringComparer.OrdinalIgnoreCase).ToList().Select(registry => registry.ToJson(state.Now)));

    private ContainerRegistry Require(ApiRequest request) =>
        state.Require<ContainerRegistry>(request["group"], ContainerRegistry.ResourceType, request["registry"]);

    private ApiReply Put(ApiRequest request)
    {
        var name = request["registry"];
        var group = state.RequireGroupForWrite(request["group"]);
        state.RequireProvider(Provider);
        if (!RegistryName().IsMatch(name))
        {
            throw new ApiException(400, "InvalidResourceName",
                "Resource names may contain alpha numeric characters only and must be between 5 and 50 characters.");
        }
        if (state.Find<ContainerRegistry>(group, ContainerRegistry.ResourceType, name) is { } existing)
        {
            AzureState.RequireSameLocation(existing, request.Body["location"].Text());
            return Change(request, existing);
        }
        if (state.IsTaken<ContainerRegistry>(name))
            throw new ApiException(409, "AlreadyInUse", $"The registry DNS name {name}.azurecr.io is already in use.");
        var registry = new ContainerRegistry(group, name, AzureState.Region(request.Body["location"].Text() ?? group.Location), state.DefaultLoginServer)
        {
            Sku = RequireSku(request.Body["sku"]?["name"].Text()),
            Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>(),
            Properties = (request.Body["properties"] as JsonObject)?.Copy() ?? [],
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
        var properties = registry.Properties.Copy();
        foreach (var (key, value) in request.Body["properties"] as JsonObject ?? [])
            properties[key] = value?.DeepClone();
        registry.Properties = properties;
        var operation = operations.Work(request, registry, "Updating", state.Options.Durations.RegistryUpdate);
        return operations.Began(request, 200, operation, registry.ToJson(state.Now), asynchronous: true);
    }

    private ApiReply Delete(ApiRequest request)
    {
        var group = state.RequireGroup(request["group"]);
        if (state.Find<ContainerRegistry>(group, ContainerRegistry.ResourceType, request["registry"]) is not { } registry)
            return new ApiReply(204);
        RequireSettled(registry);
        var operation = operations.Work(request, registry, "Deleting", state.Options.Durations.RegistryDelete, () => state.Remove(registry));
        return operations.Began(request, 202, operation, null, asynchronous: true);
    }

    private ApiReply ListCredentials(ApiRequest request)
    {
        var registry = Require(request);
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

    private ScopeMap RequireScopeMap(ApiRequest request) => Require(request).ScopeMaps.GetValueOrDefault(request["scopeMap"])
        ?? throw new ApiException(404, "ResourceNotFound", $"The scope map '{request["scopeMap"]}' was not found.");

    private ApiReply PutScopeMap(ApiRequest request)
    {
        var registry = state.RequireParent<ContainerRegistry>(
            request["group"], ContainerRegistry.ResourceType, request["registry"], "registries/scopeMaps");
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
        var registry = state.RequireParent<ContainerRegistry>(request["group"], ContainerRegistry.ResourceType, request["registry"], "registries/tokens");
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
        var registry = Require(request);
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
