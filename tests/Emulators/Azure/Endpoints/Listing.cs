using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Lists, page by page, and the filters that lists know.</summary>
internal static partial class Listing
{
    private const string SkipToken = "$skiptoken";

    public static ApiReply Page(ApiRequest request, AzureEmulatorOptions options, IEnumerable<JsonObject> items)
    {
        var all = items.ToList();
        var from = int.TryParse(request.Query(SkipToken), out var skipped) ? skipped : 0;
        var size = options.PageSize ?? int.MaxValue;
        var body = new JsonObject { ["value"] = new JsonArray([.. all.Skip(from).Take(size)]) };
        if (all.Count > (long)from + size)
        {
            var query = request.Http.Request.Query.Where(pair => pair.Key != SkipToken)
                .Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}")
                .Append($"{Uri.EscapeDataString(SkipToken)}={from + size}");
            body["nextLink"] = $"{request.BaseUri}{request.Path}?{string.Join('&', query)}";
        }
        return ApiReply.Ok(body);
    }

    /// <summary>The filter of generic resource lists: <c>resourceType eq 'a/b'</c>, <c>tagName eq 'a' and tagValue eq 'b'</c>, <c>name</c>, <c>resourceGroup</c>.</summary>
    public static IEnumerable<ArmResource> Filter(IEnumerable<ArmResource> resources, string? filter)
    {
        var conditions = Equality().Matches(filter ?? "").ToDictionary(
            match => match.Groups["field"].Value, match => match.Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
        foreach (var (field, value) in conditions)
        {
            resources = field.ToLowerInvariant() switch
            {
                "resourcetype" => resources.Where(resource => AzureState.Same(resource.Type, value)),
                "name" => resources.Where(resource => AzureState.Same(resource.Name, value)),
                "resourcegroup" => resources.Where(resource => AzureState.Same(resource.Group.Name, value)),
                "location" => resources.Where(resource => AzureState.Same(resource.Location, value)),
                "tagname" => resources.Where(resource => resource.Tags.TryGetValue(value, out var tag)
                    && (!conditions.TryGetValue("tagValue", out var wanted) || wanted == tag)),
                "tagvalue" => resources,
                _ => throw new ApiException(400, "InvalidFilterInQueryString", $"Invalid $filter '{filter}' specified in the query string."),
            };
        }
        return resources;
    }

    [GeneratedRegex("(?<field>\\w+)\\s+eq\\s+'(?<value>[^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex Equality();
}
