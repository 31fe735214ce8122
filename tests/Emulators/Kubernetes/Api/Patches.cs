using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Apply;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>The two older kinds of patches.</summary>
internal static class Patches
{
    /// <summary>RFC 7386: null takes away, objects are merged, everything else replaces.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject fields)
                Merge(Child(target, name), fields);
            else
                target[name] = value.DeepClone();
        }
    }

    /// <summary>As a merge patch, but lists with merge keys are merged item by item, and <c>$patch: delete</c> takes an item away.</summary>
    public static void Strategic(JsonObject target, JsonObject patch, FieldSchema schema)
    {
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith('$'))
                continue;
            var field = schema.Field(name);
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject fields && field is not null)
                Strategic(Child(target, name), fields, field);
            else if (value is JsonArray items && field is { Kind: SchemaKind.KeyedList })
                target[name] = Items(target[name] as JsonArray ?? [], items, field);
            else
                target[name] = value.DeepClone();
        }
    }

    private static JsonObject Child(JsonObject target, string name)
    {
        if (target[name] is not JsonObject child)
            target[name] = child = [];
        return child;
    }

    private static JsonArray Items(JsonArray live, JsonArray patch, FieldSchema schema)
    {
        var items = live.OfType<JsonObject>().Select(item => item.Copy()).ToList();
        foreach (var change in patch.OfType<JsonObject>())
        {
            // Strategic merging knows one key only, the first.
            var index = items.FindIndex(item => JsonPaths.Same(item[schema.Keys[0]], change[schema.Keys[0]]));
            if (change.Text("$patch") == "delete")
            {
                if (index >= 0)
                    items.RemoveAt(index);
                continue;
            }

            if (index < 0)
                items.Add(change.Copy());
            else
                Strategic(items[index], change, schema.Element!);
        }

        return new JsonArray([.. items]);
    }
}
