using System.Text.Json;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Apply;
using Ambrosia.Emulators.Kubernetes.Storage;
using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes.Admission;

/// <summary>Fields that the official model does not know, and values of another type than it says.</summary>
internal static class SchemaCheck
{
    private static readonly Dictionary<Type, string> Numbers = new()
    {
        [typeof(int)] = "numeric (int or float)",
        [typeof(long)] = "numeric (int or float)",
        [typeof(double)] = "numeric (int or float)",
    };

    /// <exception cref="ApiException">500, as the server answers an apply that does not fit the schema.</exception>
    public static void Require(ResourceType type, JsonObject item)
    {
        var problems = new List<string>();
        Check(item, FieldSchema.Of(type.Model), "", problems);
        if (problems.Count == 0)
            return;
        var text = problems.Count == 1 ? problems[0] : "errors:\n" + string.Join("\n", problems.Select(problem => "  " + problem));
        var name = item.Namespace().Length > 0 ? $"{item.Namespace()}/{item.Name()}" : item.Name();
        throw new ApiException(500, "", $"failed to create typed patch object ({name}; {type.ApiVersion}, Kind={type.Kind}): {text}");
    }

    private static void Check(JsonNode? value, FieldSchema schema, string path, List<string> problems)
    {
        if (value is null)
            return;
        switch (schema.Kind)
        {
            case SchemaKind.Struct:
                if (value is not JsonObject fields)
                {
                    problems.Add($"{path}: expected map, got {Show(value)}");
                    return;
                }

                foreach (var (name, child) in fields)
                {
                    if (schema.Field(name) is { } field)
                        Check(child, field, $"{path}.{name}", problems);
                    else if (name != "managedFields")
                        problems.Add($"{path}.{name}: field not declared in schema");
                }

                break;
            case SchemaKind.Map or SchemaKind.AtomicMap:
                if (value is not JsonObject entries)
                {
                    problems.Add($"{path}: expected map, got {Show(value)}");
                    return;
                }

                foreach (var (name, child) in entries)
                    Check(child, schema.Element!, $"{path}.{name}", problems);
                break;
            case SchemaKind.AtomicList or SchemaKind.KeyedList or SchemaKind.Set:
                if (value is not JsonArray items)
                {
                    problems.Add($"{path}: expected list, got {Show(value)}");
                    return;
                }

                for (var index = 0; index < items.Count; index++)
                {
                    var place = schema.Kind == SchemaKind.KeyedList && items[index] is JsonObject item
                        ? FieldSet.Display(FieldSet.ItemKey(item, schema))
                        : $"[{index}]";
                    Check(items[index], schema.Element!, path + place, problems);
                }

                break;
            default:
                CheckScalar(value, schema.Type, path, problems);
                break;
        }
    }

    private static void CheckScalar(JsonNode value, Type type, string path, List<string> problems)
    {
        var kind = value.GetValueKind();
        if (type == typeof(string) && kind != JsonValueKind.String)
            problems.Add($"{path}: expected string, got {Show(value)}");
        else if (type == typeof(bool) && kind is not (JsonValueKind.True or JsonValueKind.False))
            problems.Add($"{path}: expected boolean, got {Show(value)}");
        else if (Numbers.TryGetValue(type, out var wanted) && kind != JsonValueKind.Number)
            problems.Add($"{path}: expected {wanted}, got {(kind == JsonValueKind.String ? "string" : Show(value))}");
        else if ((type == typeof(IntOrString) || type == typeof(ResourceQuantity)) && kind is not (JsonValueKind.String or JsonValueKind.Number))
            problems.Add($"{path}: expected string or number, got {Show(value)}");
    }

    private static string Show(JsonNode value) => $"&value.valueUnstructured{{Value:{value.ToJsonString()}}}";
}
