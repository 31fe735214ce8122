using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Resource groups and the lists of what is in them.</summary>
internal sealed partial class ResourceGroupEndpoints(AzureState state, Operations operations)
{
    public void Map(EndpointMap map)
    {
        map.Map("GET", EndpointMap.Subscription + "/resourceGroups", List);
        map.Map("GET", EndpointMap.Group, request => ApiReply.Ok(state.RequireGroup(request["group"]).ToJson()));
        map.Map("HEAD", EndpointMap.Group, request => new ApiReply(state.GroupsByName.ContainsKey(request["group"]) ? 204 : 404));
        map.Map("PUT", EndpointMap.Group, Put);
        map.Map("PATCH", EndpointMap.Group, Patch);
        map.Map("DELETE", EndpointMap.Group, Delete);
        map.Map("GET", EndpointMap.Subscription + "/resources", request => Resources(request, state.AllResources));
        map.Map("GET", EndpointMap.Group + "/resources", InGroup);
    }

    private ApiReply List(ApiRequest request)
    {
        var groups = state.GroupsByName.Values.OrderBy(group => group.Name, StringComparer.OrdinalIgnoreCase).AsEnumerable();
        if (request.Query("$filter") is { } filter && TagFilter().Match(filter) is { Success: true } match)
        {
            groups = groups.Where(group => group.Tags.TryGetValue(match.Groups["name"].Value, out var value)
                && (!match.Groups["value"].Success || match.Groups["value"].Value == value));
        }
        return Listing.Page(request, state.Options, groups.Select(group => group.ToJson()));
    }

    private ApiReply Put(ApiRequest request)
    {
        var name = request["group"];
        if (!GroupName().IsMatch(name))
        {
            throw new ApiException(400, "InvalidResourceGroup",
                $"The provided resource group name '{name}' has these invalid characters. The name can only be a letter, digit, '-', '.', '(', ')' or '_', and cannot end with '.'.");
        }
        var location = AzureState.Region(request.Body["location"].Text()
            ?? throw new ApiException(400, "LocationRequired", "The location property is required for this definition."));
        if (!AzureRegions.Has(location))
            throw new ApiException(400, "LocationNotAvailableForResourceGroup", $"The provided location '{location}' is not available for resource group.");
        if (state.GroupsByName.TryGetValue(name, out var existing))
        {
            state.RequireGroupForWrite(name);
            if (existing.Location != location)
            {
                throw new ApiException(409, "InvalidResourceGroupLocation",
                    $"Invalid resource group location '{location}'. The Resource group already exists in location '{existing.Location}'.");
            }
            existing.Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>();
            return ApiReply.Ok(existing.ToJson());
        }
        var group = new ResourceGroup(state.Options.SubscriptionId, name, location) { Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>() };
        state.GroupsByName[name] = group;
        return new ApiReply(201, group.ToJson()) { Delay = state.Options.Durations.GroupCreate };
    }

    private ApiReply Patch(ApiRequest request)
    {
        state.RequireGroupForWrite(request["group"]);
        var group = state.RequireGroup(request["group"]);
        group.Tags = request.Body["tags"].Tags() ?? group.Tags;
        return ApiReply.Ok(group.ToJson());
    }

    private ApiReply Delete(ApiRequest request)
    {
        var group = state.RequireGroup(request["group"]);
        group.ProvisioningState = "Deleting";
        var fault = request.OperationFault;
        var operation = state.Begin(
            state.Options.Durations.GroupDelete,
            () =>
            {
                if (fault is null)
                    state.Remove(group);
                else
                    group.ProvisioningState = "Succeeded";
            },
            () => null,
            fault is null ? null : new ApiException(409, fault.Code, fault.Message));
        return operations.Began(request, 202, operation, null, asynchronous: false);
    }

    private ApiReply InGroup(ApiRequest request)
    {
        var group = state.RequireGroup(request["group"]);
        return Resources(request, state.AllResources.Where(resource => resource.Group == group));
    }

    private ApiReply Resources(ApiRequest request, IEnumerable<ArmResource> resources) => Listing.Page(request, state.Options,
        Listing.Filter(resources, request.Query("$filter")).OrderBy(resource => resource.Id, StringComparer.OrdinalIgnoreCase).ToList().Select(resource =>
        {
            var json = resource.Summary();
            if (request.Query("$expand")?.Contains("provisioningState", StringComparison.OrdinalIgnoreCase) == true)
                json["provisioningState"] = resource.ProvisioningState;
            return json;
        }));

    [GeneratedRegex("^[-\\w._()]{0,89}[-\\w_()]$")]
    private static partial Regex GroupName();

    [GeneratedRegex("tagname\\s+eq\\s+'(?<name>[^']*)'(\\s+and\\s+tagvalue\\s+eq\\s+'(?<value>[^']*)')?", RegexOptions.IgnoreCase)]
    private static partial Regex TagFilter();
}
