using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>vCPU quotas and the catalogue of virtual machine sizes.</summary>
internal sealed partial class ComputeEndpoints(AzureState state)
{
    public void Map(EndpointMap map)
    {
        map.Map("GET", EndpointMap.Subscription + "/providers/Microsoft.Compute/locations/{location}/usages", Usages);
        map.Map("GET", EndpointMap.Subscription + "/providers/Microsoft.Compute/skus", Skus);
    }

    private ApiReply Usages(ApiRequest request)
    {
        var location = AzureState.Region(request["location"]);
        var families = VmSize.Catalogue.Select(size => size.Family).Distinct().Prepend("cores");
        return Listing.Page(request, state.Options, families.Select(family => new JsonObject
        {
            ["unit"] = "Count",
            ["currentValue"] = state.VCpusInUse(location, family),
            ["limit"] = state.QuotaOf(location, family).Limit,
            ["name"] = new JsonObject { ["value"] = family, ["localizedValue"] = family == "cores" ? "Total Regional vCPUs" : $"{family} vCPUs" },
        }));
    }

    private ApiReply Skus(ApiRequest request)
    {
        var wanted = LocationFilter().Match(request.Query("$filter") ?? "");
        var locations = wanted.Success ? [AzureState.Region(wanted.Groups["location"].Value)] : AzureRegions.All.Select(region => region.Name).ToArray();
        return Listing.Page(request, state.Options, locations.SelectMany(location => VmSize.Catalogue.Select(size => ToJson(size, location))));
    }

    private JsonObject ToJson(VmSize size, string location) => new()
    {
        ["resourceType"] = "virtualMachines",
        ["name"] = size.Name,
        ["tier"] = "Standard",
        ["size"] = size.Name["Standard_".Length..],
        ["family"] = size.Family,
        ["locations"] = new JsonArray(location),
        ["locationInfo"] = new JsonArray(new JsonObject { ["location"] = location, ["zones"] = new JsonArray("1", "2", "3") }),
        ["capabilities"] = new JsonArray(
            Capability("vCPUs", size.VCpus.ToString(CultureInfo.InvariantCulture)),
            Capability("MemoryGB", size.MemoryGiB.ToString(CultureInfo.InvariantCulture)),
            Capability("CpuArchitectureType", size.Architecture),
            Capability("PremiumIO", "True")),
        ["restrictions"] = state.IsRestricted(size, location)
            ? new JsonArray(new JsonObject
            {
                ["type"] = "Location",
                ["values"] = new JsonArray(location),
                ["restrictionInfo"] = new JsonObject { ["locations"] = new JsonArray(location) },
                ["reasonCode"] = "NotAvailableForSubscription",
            })
            : [],
    };

    private static JsonObject Capability(string name, string value) => new() { ["name"] = name, ["value"] = value };

    [GeneratedRegex("location eq '(?<location>[^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex LocationFilter();
}
