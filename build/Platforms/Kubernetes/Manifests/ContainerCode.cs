using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// What of a StatefulSet's container is code: messages that were recorded under one code are not replayed under another. Pure.
/// </summary>
public static class ContainerCode
{
    private const int HashBytes = 8;

    private const string Path = "spec.template.spec.containers[" + Naming.Container + "]";

    private static readonly string[] Fields = ["image", "command", "args", "env"];

    /// <summary>Whether a difference at this path makes other code of the container.</summary>
    public static bool IsAt(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Fields.Select(field => $"{Path}.{field}").Any(field =>
            path == field || path.StartsWith(field + ".", StringComparison.Ordinal) || path.StartsWith(field + "[", StringComparison.Ordinal));
    }

    public static bool IsImage(string path) => path == $"{Path}.image";

    /// <param name="spec">Of a StatefulSet; it may also be what a ControllerRevision keeps of it.</param>
    /// <returns>Null where there is no container of ours.</returns>
    public static JsonNode? ContainerOf(JsonNode? spec) => (spec?["template"]?["spec"]?["containers"] as JsonArray)?
        .FirstOrDefault(container => (string?)container?["name"] == Naming.Container);

    /// <summary>A short hash, equal for equal code; neither the order of fields nor those that are empty count.</summary>
    public static string Fingerprint(JsonNode container)
    {
        ArgumentNullException.ThrowIfNull(container);
        var code = new JsonObject(Fields.Select(field => KeyValuePair.Create(field, Canonical(container[field]))));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code.ToJsonString())).AsSpan(0, HashBytes));
    }

    private static JsonNode? Canonical(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields
            .Where(field => field.Value is not null && !(field.Value is JsonValue value && value.TryGetValue(out string? text) && text.Length == 0))
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, Canonical(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Canonical)]),
        _ => node?.DeepClone(),
    };
}
