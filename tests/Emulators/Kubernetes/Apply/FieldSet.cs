using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>Paths of fields that a manager owns. A path is its elements in the notation of FieldsV1 (<c>f:name</c>, <c>k:{"name":"x"}</c>,
/// <c>v:"x"</c>), one a line.</summary>
internal sealed class FieldSet : HashSet<string>
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public FieldSet()
        : base(StringComparer.Ordinal)
    {
    }

    public FieldSet(IEnumerable<string> paths)
        : base(paths, StringComparer.Ordinal)
    {
    }

    public static string Join(string path, string element) => path.Length == 0 ? element : $"{path}\n{element}";

    public static string Field(string path, string name) => Join(path, "f:" + name);

    /// <summary>The element of an item of a list that is merged by keys.</summary>
    public static string ItemKey(JsonObject item, FieldSchema list)
    {
        var key = new JsonObject();
        foreach (var name in list.Keys.Order(StringComparer.Ordinal))
            key[name] = item[name]?.DeepClone() ?? DefaultOfKey(name);
        return "k:" + key.ToJsonString(Plain);
    }

    public static string ItemValue(JsonNode? item) => "v:" + (item?.ToJsonString(Plain) ?? "null");

    /// <summary>All that a value sets: what an apply of it owns.</summary>
    public static FieldSet Of(JsonObject value, FieldSchema schema)
    {
        var set = new FieldSet();
        set.Collect(value, schema, "");
        return set;
    }

    /// <summary>The paths in which two values differ.</summary>
    public static FieldSet Difference(JsonObject? before, JsonObject after, FieldSchema schema)
    {
        var set = new FieldSet();
        set.Compare(before, after, schema, "");
        return set;
    }

    public static FieldSet Parse(JsonNode? fields)
    {
        var set = new FieldSet();
        Walk(fields as JsonObject ?? [], "");
        return set;

        void Walk(JsonObject node, string path)
        {
            if (path.Length > 0 && (node.Count == 0 || node.ContainsKey(".")))
                set.Add(path);
            foreach (var (element, child) in node)
            {
                if (element != ".")
                    Walk((JsonObject)child!, Join(path, element));
            }
        }
    }

    public JsonObject ToFieldsV1()
    {
        var root = new JsonObject();
        foreach (var path in this.Order(StringComparer.Ordinal))
        {
            var node = root;
            foreach (var element in path.Split('\n'))
            {
                if (node[element] is not JsonObject child)
                    node[element] = child = [];
                node = child;
            }

            node["."] = new JsonObject();
        }

        Strip(root);
        return root;

        // Only an inner node needs the mark that it is owned itself.
        static void Strip(JsonObject node)
        {
            if (node.Count == 1)
                node.Remove(".");
            foreach (var (element, child) in node)
            {
                if (element != ".")
                    Strip((JsonObject)child!);
            }
        }
    }

    /// <summary>A path as messages show it: <c>.spec.template.spec.containers[name="web"].image</c>.</summary>
    public static string Display(string path) => string.Concat(path.Split('\n').Select(element => element[..2] switch
    {
        "f:" => "." + element[2..],
        "k:" => $"[{string.Join(",", ((JsonObject)JsonNode.Parse(element[2..])!).Select(key => $"{key.Key}={key.Value!.ToJsonString(Plain)}"))}]",
        _ => $"[={element[2..]}]",
    }));

    private static JsonValue? DefaultOfKey(string name) => name == "protocol" ? JsonValue.Create("TCP") : null;

    private void Collect(JsonNode? value, FieldSchema schema, string path)
    {
        if (schema.IsLeaf || value is null || (value is JsonObject { Count: 0 } or JsonArray { Count: 0 }))
        {
            if (path.Length > 0)
                Add(path);
            return;
        }

        switch (schema.Kind)
        {
            case SchemaKind.Struct or SchemaKind.Map when value is JsonObject fields:
                foreach (var (name, child) in fields)
                {
                    if (schema.Field(name) is { } field)
                        Collect(child, field, Field(path, name));
                }

                break;
            case SchemaKind.KeyedList when value is JsonArray items:
                foreach (var item in items.OfType<JsonObject>())
                {
                    var place = Join(path, ItemKey(item, schema));
                    Add(place);
                    Collect(item, schema.Element!, place);
                }

                break;
            case SchemaKind.Set when value is JsonArray values:
                foreach (var item in values)
                    Add(Join(path, ItemValue(item)));
                break;
            default:
                Add(path);
                break;
        }
    }

    private void Compare(JsonNode? before, JsonNode? after, FieldSchema schema, string path)
    {
        if (JsonPaths.Same(before, after))
            return;
        if (schema.IsLeaf)
        {
            Add(path);
            return;
        }

        switch (schema.Kind)
        {
            case SchemaKind.Struct or SchemaKind.Map:
                if ((before is null || after is null) && path.Length > 0)
                    Add(path);
                var left = before as JsonObject ?? [];
                var right = after as JsonObject ?? [];
                foreach (var name in left.Concat(right).Select(field => field.Key).Distinct(StringComparer.Ordinal).ToList())
                {
                    if (schema.Field(name) is { } field)
                        Compare(left[name], right[name], field, Field(path, name));
                }

                break;
            case SchemaKind.KeyedList:
                if (before is null || after is null)
                    Add(path);
                var old = ByKey(before as JsonArray, schema);
                var now = ByKey(after as JsonArray, schema);
                foreach (var key in old.Keys.Concat(now.Keys).Distinct(StringComparer.Ordinal))
                    Compare(old.GetValueOrDefault(key), now.GetValueOrDefault(key), schema.Element!, Join(path, key));
                break;
            default:
                var gone = (before as JsonArray ?? []).Select(ItemValue).ToHashSet(StringComparer.Ordinal);
                var come = (after as JsonArray ?? []).Select(ItemValue).ToHashSet(StringComparer.Ordinal);
                gone.SymmetricExceptWith(come);
                foreach (var element in gone)
                    Add(Join(path, element));
                break;
        }
    }

    private static Dictionary<string, JsonObject> ByKey(JsonArray? items, FieldSchema schema)
    {
        var result = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var item in (items ?? []).OfType<JsonObject>())
            result.TryAdd(ItemKey(item, schema), item);
        return result;
    }
}
