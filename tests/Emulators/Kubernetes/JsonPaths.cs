using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes;

/// <summary>Reads and writes fields of API objects.</summary>
internal static class JsonPaths
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString() : null;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? (long)value.AsDouble() : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.True;

    public static IEnumerable<JsonNode?> Items(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray ?? [];

    /// <summary>The object at a path; made where it is missing.</summary>
    public static JsonObject Ensure(this JsonObject node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node[name] is not JsonObject child)
                node[name] = child = [];
            node = child;
        }

        return node;
    }

    /// <summary>Sets a field that has no value yet.</summary>
    public static void Default(this JsonObject node, string name, JsonNode? value)
    {
        if (node[name] is null)
            node[name] = value;
    }

    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    public static string Name(this JsonObject node) => node.Text("metadata", "name") ?? "";

    public static string Namespace(this JsonObject node) => node.Text("metadata", "namespace") ?? "";

    public static string Uid(this JsonObject node) => node.Text("metadata", "uid") ?? "";

    public static long ResourceVersion(this JsonObject node) =>
        long.TryParse(node.Text("metadata", "resourceVersion"), out var version) ? version : 0;

    public static bool IsTerminating(this JsonObject node) => node.At("metadata", "deletionTimestamp") is not null;

    /// <summary>The controller that owns an object, as (kind, name, uid); null without one.</summary>
    public static JsonNode? Owner(this JsonObject node) =>
        node.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.Flag("controller"));

    public static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    private static double AsDouble(this JsonValue value) =>
        double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
}
