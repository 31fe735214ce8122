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

    /// <summary>The tags in a body; null where it has none, which leaves a resource's tags alone.</summary>
    public static IReadOnlyDictionary<string, string>? Tags(this JsonNode? node) =>
        node is JsonObject tags ? tags.ToDictionary(tag => tag.Key, tag => tag.Value.Text() ?? "") : null;

    public static JsonObject ToJson(this IReadOnlyDictionary<string, string> tags) =>
        new(tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
}
