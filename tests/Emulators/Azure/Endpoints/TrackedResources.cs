using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>What Resource Manager does alike for resources of every kind; what a provider refuses, and in which words, is its own.</summary>
/// <param name="type">Provider and type: <c>Microsoft.Storage/storageAccounts</c>.</param>
/// <param name="parameter">The route parameter with a resource's name.</param>
internal sealed class TrackedResources<T>(AzureState state, string type, string parameter)
    where T : ArmResource
{
    private readonly string _provider = type.Split('/')[0];

    /// <summary>The route of one resource.</summary>
    public string Route => $"{RouteOfGroup}/{{{parameter}}}";

    private string RouteOfGroup => $"{EndpointMap.Group}/providers/{type}";

    /// <summary>The lists of a subscription and of a group, and one resource.</summary>
    public void MapReads(EndpointMap map)
    {
        map.Map("GET", $"{EndpointMap.Subscription}/providers/{type}", request => List(request, state.AllResources.OfType<T>()));
        map.Map("GET", RouteOfGroup, request =>
        {
            var group = state.RequireGroup(request["group"]);
            return List(request, state.AllResources.OfType<T>().Where(resource => resource.Group == group));
        });
        map.Map("GET", Route, request => ApiReply.Ok(Require(request).ToJson(state.Now)));
    }

    /// <summary>Whether a name that is to be the only one in the world can be had.</summary>
    public void MapCheckName(EndpointMap map, Func<string, (string Reason, string Message)?> refuse, Func<string, string> taken) =>
        map.Map("POST", $"{EndpointMap.Subscription}/providers/{_provider}/checkNameAvailability", request =>
        {
            var name = request.Body["name"].Text() ?? "";
            var refusal = refuse(name) ?? (state.IsTaken<T>(name) ? ("AlreadyExists", taken(name)) : null);
            return ApiReply.Ok(refusal is { } no
                ? new JsonObject { ["nameAvailable"] = false, ["reason"] = no.Reason, ["message"] = no.Message }
                : new JsonObject { ["nameAvailable"] = true });
        });

    public T Require(ApiRequest request) => state.Require<T>(request["group"], type, request[parameter]);

    /// <summary>The parent of something that is to be put below it.</summary>
    /// <param name="childType">As the refusal calls it, without the provider.</param>
    public T RequireParent(ApiRequest request, string childType) => state.RequireParent<T>(request["group"], type, request[parameter], childType);

    /// <summary>Null where there is no such resource in the group, which there must be.</summary>
    public T? Find(ApiRequest request) => state.Find<T>(state.RequireGroup(request["group"]), type, request[parameter]);

    /// <summary>What a PUT finds: the group to put into, and the resource where it is to be changed.</summary>
    public (ResourceGroup Group, string Name, T? Existing) ForPut(ApiRequest request, Regex pattern, Func<string, ApiException> invalid)
    {
        var name = request[parameter];
        var group = state.RequireGroupForWrite(request["group"]);
        state.RequireProvider(_provider);
        if (!pattern.IsMatch(name))
            throw invalid(name);
        var existing = state.Find<T>(group, type, name);
        if (existing is not null)
            AzureState.RequireSameLocation(existing, request.Body["location"].Text());
        return (group, name, existing);
    }

    private ApiReply List(ApiRequest request, IEnumerable<T> resources) => Listing.Page(request, state.Options,
        resources.OrderBy(resource => resource.Name, StringComparer.OrdinalIgnoreCase).ToList().Select(resource => resource.ToJson(state.Now)));
}
