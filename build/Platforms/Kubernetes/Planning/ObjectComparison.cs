using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>
/// What an apply would change. The server fills in fields and others may own some, so live objects are more than the wanted ones: a
/// difference is a wanted field that is not so, or a field of ours that is wanted no more. Pure.
/// </summary>
public static class ObjectComparison
{
    private const int ShownLength = 120;

    /// <summary>By what the elements of a list are told apart; other lists are one value.</summary>
    private static readonly Dictionary<string, string[]> ListKeys = new()
    {
        ["containers"] = ["name"],
        ["env"] = ["name"],
        ["volumes"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["imagePullSecrets"] = ["name"],
    };

    private static readonly string[] PortKeys = ["port", "containerPort"];

    public static IReadOnlyList<FieldDifference> Compare(KubeObject wanted, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(live);
        var found = new Differences(new FieldOwners(live.Content));
        foreach (var (name, value) in wanted.Content)
        {
            // A Secret's values are never compared nor shown: its annotation tells.
            if (name is "apiVersion" or "kind" or "status" || (wanted.Kind == "Secret" && name is "data" or "stringData"))
                continue;
            Compare(value, live.Content[name], [name], found);
        }

        foreach (var path in found.Owners.AppliedBy(KubectlCli.FieldManager))
        {
            if (wanted.Kind == "Secret" && path[0] is "data" or "stringData")
                continue;
            if (Find(wanted.Content, path) is null && Find(live.Content, path) is { } old)
                found.Add(path, old, null);
        }

        return found.All;
    }

    private static void Compare(JsonNode? wanted, JsonNode? live, IReadOnlyList<string> path, Differences found)
    {
        switch (wanted)
        {
            case null:
                return;
            case JsonObject fields when IsAtomic(path) && live is JsonObject:
                if (!JsonNode.DeepEquals(fields, live))
                    found.Add(path, live, wanted);
                return;
            case JsonObject fields when live is JsonObject || (live is null && fields.Count > 0):
                foreach (var (name, value) in fields)
                {
                    if (path is not ["metadata"] || name is not "namespace")
                        Compare(value, live?[name], [.. path, name], found);
                }

                return;
            case JsonArray items when live is JsonArray liveItems && KeyOf(path[^1], items) is { } key:
                foreach (var item in items.OfType<JsonObject>())
                {
                    var other = liveItems.OfType<JsonObject>().FirstOrDefault(candidate => Text(candidate[key]) == Text(item[key]));
                    Compare(item, other, [.. path, $"[{Text(item[key])}]"], found);
                }

                return;
            default:
                // The server leaves out what is empty.
                if (live is null ? Text(wanted).Length > 0 : !SameValue(wanted, live, path))
                    found.Add(path, live, wanted);
                return;
        }
    }

    /// <summary>
    /// Maps that the server takes as one value (x-kubernetes-map-type: atomic): a key that somebody has added is a change of the whole.
    /// </summary>
    private static bool IsAtomic(IReadOnlyList<string> path) => path is ["spec", "selector"] or [.., "nodeSelector"];

    private static string? KeyOf(string list, JsonArray items) => list == "ports"
        ? PortKeys.FirstOrDefault(key => items.OfType<JsonObject>().All(item => item.ContainsKey(key)))
        : ListKeys.TryGetValue(list, out var keys) ? keys[0] : null;

    private static bool SameValue(JsonNode wanted, JsonNode live, IReadOnlyList<string> path)
    {
        if (JsonNode.DeepEquals(wanted, live))
            return true;
        // 1Gi and 1024Mi are one quantity; the server may write either.
        return IsQuantity(path)
            && wanted.GetValueKind() == JsonValueKind.String && live.GetValueKind() == JsonValueKind.String
            && Quantity(wanted) == Quantity(live);
    }

    private static bool IsQuantity(IReadOnlyList<string> path) => path is [.., "requests" or "limits" or "capacity", _] or [.., "sizeLimit"];

    internal static decimal Quantity(JsonNode value) => new ResourceQuantity((string)value!).ToDecimal();

    /// <summary>The node at a path of <see cref="FieldOwners"/>.</summary>
    private static JsonNode? Find(JsonNode root, IReadOnlyList<string> path)
    {
        JsonNode? node = root;
        foreach (var name in path)
        {
            node = node switch
            {
                JsonObject fields => fields[name],
                JsonArray items when name.StartsWith('[') => items.FirstOrDefault(item => IsElement(item, name[1..^1])),
                _ => null,
            };
            if (node is null)
                return null;
        }

        return node;
    }

    private static bool IsElement(JsonNode? item, string key) => item is JsonObject fields
        ? PortKeys.Concat(["name", "mountPath"]).Any(name => fields.ContainsKey(name) && Text(fields[name]) == key)
        : Text(item) == key;

    internal static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => (string)text!,
        JsonArray items when items.All(item => item is JsonValue) => string.Join(' ', items.Select(Text)),
        var other => other.ToJsonString(),
    };

    private sealed class Differences(FieldOwners owners)
    {
        private readonly List<FieldDifference> _all = [];

        public FieldOwners Owners => owners;

        public IReadOnlyList<FieldDifference> All => _all;

        public void Add(IReadOnlyList<string> path, JsonNode? old, JsonNode? wanted)
        {
            var (shownOld, shownNew) = Shown(old is null ? null : Text(old), wanted is null ? null : Text(wanted));
            _all.Add(new FieldDifference(string.Join('.', path).Replace(".[", "[", StringComparison.Ordinal), shownOld, shownNew, wanted is null ? null : owners.OtherOwner(path)));
        }

        /// <summary>Of two long texts the part in which they differ.</summary>
        private static (string? Old, string? New) Shown(string? old, string? wanted)
        {
            if (old is null || wanted is null || (old.Length <= ShownLength && wanted.Length <= ShownLength))
                return (Cut(old, 0), Cut(wanted, 0));
            var same = 0;
            while (same < old.Length && same < wanted.Length && old[same] == wanted[same])
                same++;
            var start = Math.Max(0, same - (ShownLength / 3));
            return (Cut(old, start), Cut(wanted, start));
        }

        private static string? Cut(string? text, int start)
        {
            if (text is null || (start == 0 && text.Length <= ShownLength))
                return text;
            start = Math.Min(start, text.Length);
            var end = Math.Min(text.Length, start + ShownLength);
            return string.Create(CultureInfo.InvariantCulture, $"{(start > 0 ? "…" : "")}{text[start..end]}{(end < text.Length ? "…" : "")}");
        }
    }
}
