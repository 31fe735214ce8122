using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>Reads what clients send, in which anything may be missing or null.</summary>
internal static class JsonReading
{
    public static string? Text(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool? Flag(this JsonNode? node) => node is null ? null : node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static int? Number(this JsonNode? node) =>
        node is not null && node.GetValueKind() == JsonValueKind.Number ? (int)double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : null;

    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    /// <summary>A copy of an object's fields; none where there is no object.</summary>
    public static JsonObject Fields(this JsonNode? node) => (node as JsonObject)?.Copy() ?? [];

    /// <summary>A copy with the fields of another object in the place of its own.</summary>
    public static JsonObject With(this JsonObject node, JsonNode? changes)
    {
        var merged = node.Copy();
        foreach (var (key, value) in changes as JsonObject ?? [])
            merged[key] = value?.DeepClone();
        return merged;
    }

    /// <summary>The tags in a body; null where it has none, which leaves a resource's tags alone.</summary>
    public static IReadOnlyDictionary<string, string>? Tags(this JsonNode? node) =>
        node is JsonObject tags ? tags.ToDictionary(tag => tag.Key, tag => tag.Value.Text() ?? "") : null;

    public static JsonObject ToJson(this IReadOnlyDictionary<string, string> tags) =>
        new(tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
}
