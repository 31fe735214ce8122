using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Subscriptions, tenants, regions and resource providers.</summary>
internal sealed class SubscriptionEndpoints(AzureState state)
{
    private static readonly Dictionary<string, string[]> ResourceTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft.Storage"] = ["storageAccounts", "storageAccounts/fileServices"],
        ["Microsoft.ContainerRegistry"] = ["registries", "registries/scopeMaps", "registries/tokens"],
        ["Microsoft.ContainerService"] = ["managedClusters"],
        ["Microsoft.Compute"] = ["virtualMachines", "disks"],
        ["Microsoft.Network"] = ["virtualNetworks", "publicIPAddresses"],
    };

    public void Map(EndpointMap map)
    {
        map.Map("GET", "/tenants", Tenants);
        map.Map("GET", "/subscriptions", request => Listing.Page(request, state.Options, state.Subscriptions.Select(ToJson)));
        map.Map("GET", EndpointMap.Subscription, request => ApiReply.Ok(ToJson(Require(request))));
        map.Map("GET", EndpointMap.Subscription + "/locations", Locations);
        map.Map("GET", EndpointMap.Subscription + "/providers", Providers);
        map.Map("GET", EndpointMap.Subscription + "/providers/{provider}", request => ApiReply.Ok(Provider(request["provider"])));
        map.Map("POST", EndpointMap.Subscription + "/providers/{provider}/register", Register);
    }

    private Subscription Require(ApiRequest request) =>
        state.Subscriptions.FirstOrDefault(subscription => AzureState.Same(subscription.Id, request["subscription"]))
        ?? throw new ApiException(404, "SubscriptionNotFound", $"The subscription '{request["subscription"]}' could not be found.");

    private JsonObject ToJson(Subscription subscription) => new()
    {
        ["id"] = $"/subscriptions/{subscription.Id}",
        ["subscriptionId"] = subscription.Id,
        ["tenantId"] = state.Options.TenantId,
        ["displayName"] = subscription.Name,
        ["state"] = subscription.State,
        ["managedByTenants"] = new JsonArray(),
        ["authorizationSource"] = "RoleBased",
        ["subscriptionPolicies"] = new JsonObject { ["quotaId"] = "PayAsYouGo_2014-09-01", ["spendingLimit"] = "Off" },
    };

    private ApiReply Tenants(ApiRequest request) => Listing.Page(request, state.Options,
        [new JsonObject { ["id"] = $"/tenants/{state.Options.TenantId}", ["tenantId"] = state.Options.TenantId, ["displayName"] = "emulated tenant" }]);

    private ApiReply Locations(ApiRequest request) => Listing.Page(request, state.Options, AzureRegions.All.Select(region => new JsonObject
    {
        ["id"] = $"/subscriptions/{request["subscription"]}/locations/{region.Name}",
        ["name"] = region.Name,
        ["displayName"] = region.DisplayName,
        ["regionalDisplayName"] = region.DisplayName,
        ["type"] = "Region",
        ["metadata"] = new JsonObject { ["regionType"] = "Physical" },
    }));

    private ApiReply Providers(ApiRequest request) => Listing.Page(request, state.Options, state.ProvidersByName.Keys.Order().ToList().Select(Provider));

    private JsonObject Provider(string name) => new()
    {
        ["id"] = $"/subscriptions/{state.Options.SubscriptionId}/providers/{name}",
        ["namespace"] = name,
        ["registrationPolicy"] = "RegistrationRequired",
        ["registrationState"] = state.ProvidersByName.TryGetValue(name, out var registration) ? registration : "NotRegistered",
        ["resourceTypes"] = new JsonArray([.. TypesOf(name).Select(type => new JsonObject
        {
            ["resourceType"] = type,
            ["apiVersions"] = new JsonArray("2022-09-01"),
            ["locations"] = new JsonArray([.. AzureRegions.All.Select(region => JsonValue.Create(region.DisplayName))]),
            ["capabilities"] = "SupportsTags",
        })]),
    };

    /// <summary>Types that somebody planted count as well: <c>az resource</c> looks their API versions up here.</summary>
    private IEnumerable<string> TypesOf(string provider) => ResourceTypes.GetValueOrDefault(provider, [])
        .Concat(state.AllResources.Where(resource => resource.Type.StartsWith(provider + "/", StringComparison.OrdinalIgnoreCase))
            .Select(resource => resource.Type[(provider.Length + 1)..]))
        .Distinct(StringComparer.OrdinalIgnoreCase);

    private ApiReply Register(ApiRequest request)
    {
        var name = request["provider"];
        if (!AzureState.Same(state.ProvidersByName.TryGetValue(name, out var registration) ? registration : null, "Registered"))
        {
            state.ProvidersByName[name] = "Registering";
            state.Begin(state.Options.Durations.ProviderRegistration, () => state.ProvidersByName[name] = "Registered", () => null);
        }
        return ApiReply.Ok(Provider(name));
    }
}
