using System.Text.Json.Nodes;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>
/// Who has set which field, out of <c>metadata.managedFields</c> (https://kubernetes.io/docs/reference/using-api/server-side-apply/). A path is
/// a list of field names, and <c>[key]</c> for an element of a list. Pure.
/// </summary>
public sealed class FieldOwners
{
    private const string Apply = "Apply";
    private const string Status = "status";

    private readonly List<(string Manager, bool IsApply, JsonObject Fields)> _entries = [];

    public FieldOwners(JsonObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        foreach (var entry in (live["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if ((string?)entry["subresource"] != Status && entry["fieldsV1"] is JsonObject fields)
                _entries.Add(((string?)entry["manager"] ?? "", (string?)entry["operation"] == Apply, fields));
        }
    }

    /// <summary>The innermost fields that a manager owns by applying them.</summary>
    public IEnumerable<IReadOnlyList<string>> AppliedBy(string manager)
    {
        List<IReadOnlyList<string>> leaves = [];
        foreach (var entry in _entries.Where(entry => entry.IsApply && entry.Manager == manager))
            Walk(entry.Fields, [], [], leaves);
        return leaves;
    }

    /// <summary>Another manager that owns a field, or the list element or object that it stands for; null where there is none.</summary>
    public string? OtherOwner(IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _entries.FirstOrDefault(entry => !(entry.IsApply && entry.Manager == Cli.Kubernetes.KubectlCli.FieldManager) && Owns(entry.Fields, path)).Manager;
    }

    private static bool Owns(JsonObject fields, IReadOnlyList<string> path)
    {
        List<IReadOnlyList<string>> all = [];
        Walk(fields, [], all, []);
        return all.Exists(owned => owned.SequenceEqual(path));
    }

    private static void Walk(JsonObject fields, IReadOnlyList<string> path, List<IReadOnlyList<string>> all, List<IReadOnlyList<string>> leaves)
    {
        foreach (var (name, value) in fields)
        {
            if (name == ".")
                continue;
            IReadOnlyList<string> below = [.. path, Name(name)];
            if (value is JsonObject { Count: > 0 } inner)
            {
                // "." says that the object itself is owned too: a leaf where nothing else is left of it.
                if (inner.Count == 1 && inner.ContainsKey("."))
                    leaves.Add(below);
                Walk(inner, below, all, leaves);
                if (inner.ContainsKey("."))
                    all.Add(below);
            }
            else
            {
                all.Add(below);
                leaves.Add(below);
            }
        }
    }

    /// <summary><c>f:image</c>, <c>k:{"name":"web"}</c>, <c>v:"value"</c>.</summary>
    private static string Name(string field) => field[..2] switch
    {
        "f:" => field[2..],
        "k:" when JsonNode.Parse(field[2..]) is JsonObject key => $"[{KeyText(key)}]",
        "v:" => $"[{ObjectComparison.Text(JsonNode.Parse(field[2..]))}]",
        _ => field,
    };

    /// <summary>Ports are told apart by number and protocol; all of ours are TCP.</summary>
    private static string KeyText(JsonObject key) => ObjectComparison.Text(
        key.FirstOrDefault(pair => pair.Key != "protocol").Value);
}
