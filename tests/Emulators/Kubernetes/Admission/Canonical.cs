using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Apply;
using Ambrosia.Emulators.Kubernetes.Storage;
using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes.Admission;

/// <summary>Writes values as the server's own types write them: quantities in their shortest form, nothing that is null or an empty list or map.</summary>
internal static class Canonical
{
    public static void Write(ResourceType type, JsonObject item)
    {
        if (type.Kind == "Secret")
            EncodeStringData(item);
        Visit(item, FieldSchema.Of(type.Model));
    }

    private static void Visit(JsonNode? value, FieldSchema schema)
    {
        switch (value)
        {
            case JsonObject fields:
                foreach (var name in fields.Select(field => field.Key).ToList())
                {
                    if (schema.Field(name) is not { } field)
                        continue;
                    Visit(fields[name], field);
                    if (field.Type == typeof(ResourceQuantity) && fields[name] is { } quantity)
                        fields[name] = Shortest(quantity);
                    var empty = fields[name] is JsonArray { Count: 0 } || (fields[name] is JsonObject { Count: 0 } && field.Kind is SchemaKind.Map or SchemaKind.AtomicMap && name != "hard");
                    if (fields[name] is null || empty)
                        fields.Remove(name);
                }

                break;
            case JsonArray items when schema.Element is not null:
                foreach (var item in items)
                    Visit(item, schema.Element);
                break;
        }
    }

    private static string Shortest(JsonNode quantity)
    {
        var text = quantity.GetValueKind() == System.Text.Json.JsonValueKind.String ? quantity.GetValue<string>() : quantity.ToJsonString();
        try
        {
            return new ResourceQuantity(text).ToString();
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            throw ApiException.BadRequest("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
    }

    private static void EncodeStringData(JsonObject secret)
    {
        if (secret["stringData"] is JsonObject texts)
        {
            var data = secret.Ensure("data");
            foreach (var (name, text) in texts)
                data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.GetValue<string>() ?? ""));
            secret.Remove("stringData");
        }

        foreach (var (_, value) in secret["data"] as JsonObject ?? [])
        {
            var text = value?.ToString() ?? "";
            if (!Convert.TryFromBase64String(text, new byte[text.Length], out var _))
                throw ApiException.BadRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0");
        }
    }
}
