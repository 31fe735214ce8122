using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Resources of kinds that the emulator knows nothing of: they can be put, seen and deleted.</summary>
internal sealed class GenericResourceEndpoints(AzureState state)
{
    private const string Resource = EndpointMap.Group + "/providers/{provider}/{type}/{name}";

    public void Map(EndpointMap map)
    {
        map.Map("GET", Resource, request => ApiReply.Ok(Require(request).ToJson(state.Now)));
        map.Map("PUT", Resource, Put);
        map.Map("DELETE", Resource, Delete);
    }

    private static string Type(ApiRequest request) => $"{request["provider"]}/{request["type"]}";

    private GenericResource Require(ApiRequest request) => state.Require<GenericResource>(request["group"], Type(request), request["name"]);

    private ApiReply Put(ApiRequest request)
    {
        var group = state.RequireGroupForWrite(request["group"]);
        var existing = state.Find<GenericResource>(group, Type(request), request["name"]);
        if (existing is not null)
            AzureState.RequireSameLocation(existing, request.Body["location"].Text());
        var resource = existing
            ?? new GenericResource(group, Type(request), request["name"], AzureState.Region(request.Body["location"].Text() ?? group.Location));
        resource.Tags = request.Body["tags"].Tags() ?? resource.Tags;
        resource.Properties = request.Body["properties"].Fields();
        state.Add(resource);
        return new ApiReply(existing is null ? 201 : 200, resource.ToJson(state.Now));
    }

    private ApiReply Delete(ApiRequest request)
    {
        var group = state.RequireGroup(request["group"]);
        if (state.Find<GenericResource>(group, Type(request), request["name"]) is not { } resource)
            return new ApiReply(204);
        state.Remove(resource);
        return new ApiReply(200);
    }
}
