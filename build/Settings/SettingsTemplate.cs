using System.Text;
using Newtonsoft.Json;

namespace Ambrosia.Build.Settings;

/// <summary>The template that a user copies, made from the keys: every key, its comment, its default or a placeholder.</summary>
internal static class SettingsTemplate
{
    /// <summary>The content of <c>AmbrosiaAKSConf.json.template</c>.</summary>
    public static string Generate()
    {
        var text = new StringBuilder();
        text.Append("// Copy to AmbrosiaAKSConf.json, then change two things: the subscription id, and every xyz.\n");
        text.Append("// Any other key but platform may be left out, and then has the value shown here (or its line says otherwise). Comments and trailing commas are allowed.\n");
        text.Append("// An environment variable made from a key's path overrides it: azure.resourceGroup is AMBROSIA_AZURE_RESOURCE_GROUP.\n");
        text.Append("{\n  \"").Append(SettingKeys.Schema).Append("\": ").Append(JsonConvert.ToString(SettingKeys.SchemaPath)).Append(",\n");
        AppendObject(text, SettingKeys.All, "", "  ", key => key.Example ?? key.Default);
        return text.Append("}\n").ToString();
    }

    /// <summary>The names in one object, in the order of the keys.</summary>
    internal static IEnumerable<string> NamesBelow(IReadOnlyList<SettingKey> keys, string parent) =>
        keys.Where(key => key.Path.StartsWith(parent, StringComparison.Ordinal)).Select(key => key.Path[parent.Length..].Split('.')[0]).Distinct();

    private static void AppendObject(
        StringBuilder text, IReadOnlyList<SettingKey> keys, string parent, string indent, Func<SettingKey, object?> valueOf, bool comments = true)
    {
        var names = NamesBelow(keys, parent).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            var path = parent + names[i];
            var key = keys.FirstOrDefault(candidate => candidate.Path == path);
            if (comments && i > 0 && (key is null || parent.Length == 0))
                text.Append('\n');
            if (comments && key is not null)
                text.Append(indent).Append("// ").Append(Comment(key)).Append('\n');
            text.Append(indent).Append('"').Append(names[i]).Append("\": ");
            if (key is null)
            {
                text.Append("{\n");
                AppendObject(text, keys, path + ".", indent + "  ", valueOf, comments);
                text.Append(indent).Append('}');
            }
            else if (key.Type == SettingType.Instances)
            {
                AppendInstances(text, indent);
            }
            else
            {
                text.Append(Json(valueOf(key)));
            }

            text.Append(i + 1 < names.Length ? ",\n" : "\n");
        }
    }

    private static string Comment(SettingKey key) =>
        key.Allowed.Count > 0 ? $"{key.Description} Allowed: {key.AllowedText}." : key.Description;

    private static void AppendInstances(StringBuilder text, string indent)
    {
        text.Append("[\n");
        for (var i = 0; i < DefaultInstances.All.Count; i++)
        {
            var instance = DefaultInstances.All[i];
            text.Append(indent).Append("  {\n");
            AppendObject(text, SettingKeys.OfInstance, "", indent + "    ", key => ValueOf(instance, key), comments: i == 0);
            text.Append(indent).Append(i + 1 < DefaultInstances.All.Count ? "  },\n" : "  }\n");
        }

        text.Append(indent).Append(']');
    }

    private static object? ValueOf(InstanceSettings instance, SettingKey key) => key.Path switch
    {
        "name" => instance.Name,
        "command" => instance.Command,
        _ => key.Default,
    };

    private static string Json(object? value) => value switch
    {
        null => "null",
        string text => JsonConvert.ToString(text),
        IReadOnlyList<string> list => "[" + string.Join(", ", list.Select(JsonConvert.ToString)) + "]",
        _ => JsonConvert.ToString(value),
    };
}
