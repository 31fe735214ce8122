using System.Globalization;
using System.Text.Json.Nodes;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>What a release of Kubernetes says about the objects that it takes. README.md, beside this file, tells where that comes from.</summary>
public sealed class OpenApiRelease
{
    private readonly JsonObject _kinds;
    private readonly HashSet<string> _deprecated;
    private readonly Dictionary<string, Dictionary<string, FieldShape>> _definitions;

    private OpenApiRelease(JsonObject content)
    {
        Name = (string)content["release"]!;
        Minor = int.Parse(Name.Split('.')[1], CultureInfo.InvariantCulture);
        _kinds = (JsonObject)content["kinds"]!;
        _deprecated = [.. content["deprecated"]!.AsArray().Select(kind => (string)kind!)];
        _definitions = content["definitions"]!.AsObject().ToDictionary(
            definition => definition.Key,
            definition => definition.Value!.AsObject().ToDictionary(field => field.Key, field => FieldShape.Parse((string)field.Value!)));
    }

    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<OpenApiRelease> All { get; } =
    [
        .. Directory.GetFiles(Path.Combine(BuildPaths.Find(AppContext.BaseDirectory).Root, "tests/Build.Tests/Platforms/Kubernetes/OpenApi"), "*.json")
            .Select(file => Parse(File.ReadAllText(file)))
            .OrderBy(release => release.Minor),
    ];

    /// <summary>Such as 1.36.</summary>
    public string Name { get; }

    public int Minor { get; }

    public static OpenApiRelease Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <param name="kind">With its API, such as <c>apps/v1 StatefulSet</c>.</param>
    public bool Serves(string kind) => _kinds.ContainsKey(kind);

    public bool IsDeprecated(string kind) => _deprecated.Contains(kind);

    /// <summary>The fields of a definition; null for a type that is none.</summary>
    public IReadOnlyDictionary<string, FieldShape>? Definition(string type) => _definitions.GetValueOrDefault(type);

    /// <summary>Holds an object against the definition of its kind.</summary>
    public Conformance Check(JsonObject item)
    {
        var kind = $"{(string?)item["apiVersion"]} {(string?)item["kind"]}";
        var conformance = new Conformance(this);
        conformance.Check((string?)_kinds[kind], item, kind);
        return conformance;
    }

    public override string ToString() => Name;
}
