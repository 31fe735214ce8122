using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>How an object conforms to a release: what is wrong with it, and which fields it sets.</summary>
public sealed partial class Conformance(OpenApiRelease release)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<(string Definition, string Field)> _fields = [];

    /// <summary>Such as "spec.replicas: integer expected, not "1"".</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Every field that is set, of which definition.</summary>
    public IReadOnlySet<(string Definition, string Field)> Fields => _fields;

    /// <param name="type">Null for a kind that the release does not serve.</param>
    public void Check(string? type, JsonObject item, string kind)
    {
        if (type is null || release.Definition(type) is null)
            _problems.Add($"{kind} is not known");
        else
            Check(item, type, "");
    }

    private void Check(JsonNode? value, string type, string path)
    {
        if (value is null)
            Report(path, type, value);
        else if (release.Definition(type) is { } definition)
            CheckObject(value, type, definition, path);
        else if (type.Split(':', 2) is [var collection, var element])
            CheckCollection(value, collection, element, path);
        else if (!Fits(value, type))
            Report(path, type, value);
    }

    private void CheckObject(JsonNode value, string type, IReadOnlyDictionary<string, FieldShape> definition, string path)
    {
        if (value is not JsonObject fields)
        {
            Report(path, type, value);
            return;
        }

        foreach (var (name, _) in definition.Where(field => field.Value.IsRequired && !fields.ContainsKey(field.Key)))
            _problems.Add($"{Join(path, name)}: required, and missing");
        foreach (var (name, child) in fields)
        {
            if (definition.GetValueOrDefault(name) is not { } field)
            {
                _problems.Add($"{Join(path, name)}: no such field");
                continue;
            }

            _fields.Add((type, name));
            if (field.IsDeprecated)
                _problems.Add($"{Join(path, name)}: deprecated");
            Check(child, field.Type, Join(path, name));
        }
    }

    private void CheckCollection(JsonNode value, string collection, string element, string path)
    {
        switch (collection, value)
        {
            case ("array", JsonArray items):
                for (var i = 0; i < items.Count; i++)
                    Check(items[i], element, $"{path}[{i}]");
                break;
            case ("map", JsonObject entries):
                foreach (var (name, child) in entries)
                    Check(child, element, $"{path}[{name}]");
                break;
            default:
                Report(path, collection, value);
                break;
        }
    }

    private static bool Fits(JsonNode value, string type) => (type, value.GetValueKind()) switch
    {
        ("object", _) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => IsInteger(value),
        ("int-or-string", JsonValueKind.String) => true,
        ("int-or-string", JsonValueKind.Number) => IsInteger(value),
        ("quantity", JsonValueKind.String) => Quantity().IsMatch((string)value!),
        _ => false,
    };

    private static bool IsInteger(JsonNode value) => long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _);

    private void Report(string path, string type, JsonNode? value) => _problems.Add($"{path}: {type} expected, not {value?.ToJsonString() ?? "null"}");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/</summary>
    [GeneratedRegex(@"^[+-]?(\d+([.]\d*)?|[.]\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$")]
    private static partial Regex Quantity();
}
