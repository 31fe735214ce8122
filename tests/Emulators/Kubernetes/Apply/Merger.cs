using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>Puts the fields of one value into another, as the schema says.</summary>
internal static class Merger
{
    /// <summary>The live value with everything of the applied one; the live one is not changed.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, FieldSchema schema)
    {
        if (schema.IsLeaf || live is null || applied is null)
            return applied?.DeepClone();
        switch (schema.Kind)
        {
            case SchemaKind.Struct or SchemaKind.Map when live is JsonObject target && applied is JsonObject source:
                var fields = target.Copy();
                foreach (var (name, value) in source)
                    fields[name] = schema.Field(name) is { } field ? Merge(target[name], value, field) : value?.DeepClone();
                return fields;
            case SchemaKind.KeyedList when live is JsonArray target && applied is JsonArray source:
                return MergeItems(target, source, schema);
            case SchemaKind.Set when live is JsonArray target && applied is JsonArray source:
                return new JsonArray([.. target.Concat(source).DistinctBy(FieldSet.ItemValue).Select(item => item?.DeepClone())]);
            default:
                return applied.DeepClone();
        }
    }

    /// <summary>Takes out what paths name; an item of a list or a struct goes only with the path of itself.</summary>
    public static void Remove(JsonObject value, FieldSchema schema, IReadOnlySet<string> paths) => RemoveBelow(value, schema, "", paths);

    private static void RemoveBelow(JsonNode? value, FieldSchema schema, string path, IReadOnlySet<string> paths)
    {
        if (schema.IsLeaf)
            return;
        switch (value)
        {
            case JsonObject fields:
                foreach (var name in fields.Select(field => field.Key).ToList())
                {
                    if (schema.Field(name) is not { } field)
                        continue;
                    var place = FieldSet.Field(path, name);
                    if (paths.Contains(place))
                    {
                        fields.Remove(name);
                        continue;
                    }

                    var wasEmpty = IsEmpty(fields[name]);
                    RemoveBelow(fields[name], field, place, paths);
                    // A struct, map or list that held nothing else goes with its last field.
                    if (!wasEmpty && IsEmpty(fields[name]))
                        fields.Remove(name);
                }

                break;
            case JsonArray items:
                for (var index = items.Count - 1; index >= 0; index--)
                {
                    var element = schema.Kind == SchemaKind.KeyedList && items[index] is JsonObject item
                        ? FieldSet.ItemKey(item, schema)
                        : FieldSet.ItemValue(items[index]);
                    var place = FieldSet.Join(path, element);
                    if (paths.Contains(place))
                        items.RemoveAt(index);
                    else
                        RemoveBelow(items[index], schema.Element!, place, paths);
                }

                break;
        }
    }

    private static bool IsEmpty(JsonNode? node) => node is JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private static JsonArray MergeItems(JsonArray live, JsonArray applied, FieldSchema schema)
    {
        var target = live.OfType<JsonObject>().ToList();
        var source = applied.OfType<JsonObject>().ToList();
        var liveKeys = target.ConvertAll(item => FieldSet.ItemKey(item, schema));
        var appliedKeys = source.ConvertAll(item => FieldSet.ItemKey(item, schema));

        // The order that is there stays while it agrees with the applied one: an unchanged apply changes nothing.
        var sameOrder = liveKeys.Where(appliedKeys.Contains).SequenceEqual(appliedKeys);
        var order = sameOrder ? liveKeys : [.. appliedKeys, .. liveKeys.Except(appliedKeys, StringComparer.Ordinal)];
        var merged = new JsonArray();
        foreach (var key in order)
        {
            var left = liveKeys.IndexOf(key);
            var right = appliedKeys.IndexOf(key);
            merged.Add(right < 0 ? target[left].DeepClone() : Merge(left < 0 ? null : target[left], source[right], schema.Element!));
        }

        return merged;
    }
}
