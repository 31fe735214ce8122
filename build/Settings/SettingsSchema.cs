using Newtonsoft.Json.Linq;

namespace Ambrosia.Build.Settings;

/// <summary>The JSON schema of the configuration, for completion in editors, made from the keys.</summary>
internal static class SettingsSchema
{
    /// <summary>The content of <c>AmbrosiaAKSConf.schema.json</c>.</summary>
    public static string Generate()
    {
        var root = ObjectOf(SettingKeys.All, "");
        var properties = (JObject)root["properties"]!;
        properties.AddFirst(new JProperty(SettingKeys.Schema, new JObject { ["type"] = "string" }));
        root.AddFirst(new JProperty("title", "Configuration of the AMBROSIA build suite"));
        root.AddFirst(new JProperty("$schema", "http://json-schema.org/draft-07/schema#"));
        return root.ToString().ReplaceLineEndings("\n") + "\n";
    }

    private static JObject ObjectOf(IReadOnlyList<SettingKey> keys, string parent)
    {
        var properties = new JObject();
        foreach (var name in SettingsTemplate.NamesBelow(keys, parent))
        {
            var path = parent + name;
            properties[name] = keys.FirstOrDefault(key => key.Path == path) is { } key ? Of(key) : ObjectOf(keys, path + ".");
        }

        var result = new JObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        var required = parent.Length > 0 ? [] : keys.Where(key => key.IsAlwaysRequired).Select(key => key.Path).ToArray();
        if (required.Length > 0)
            result["required"] = new JArray(required.Cast<object>().ToArray());
        return result;
    }

    private static JObject Of(SettingKey key)
    {
        var schema = new JObject { ["description"] = key.Description };
        switch (key.Type)
        {
            case SettingType.Integer:
                schema["type"] = "integer";
                schema["minimum"] = key.Minimum;
                schema["maximum"] = key.Maximum;
                break;
            case SettingType.TextList:
                schema["type"] = "array";
                schema["minItems"] = 1;
                schema["items"] = new JObject { ["type"] = "string" };
                break;
            case SettingType.Instances:
                schema["type"] = "array";
                schema["minItems"] = 1;
                schema["items"] = ObjectOf(SettingKeys.OfInstance, "");
                break;
            default:
                schema["type"] = key.IsOptional ? new JArray("string", "null") : "string";
                if (key.Allowed.Count > 0)
                    schema["enum"] = new JArray(key.Allowed.Cast<object>().ToArray());
                // A template that is not filled in yet, or not to be used on this platform, is no error of form.
                else if (key.Rule is { } rule && !key.IsUserChosen)
                    schema["pattern"] = rule.Pattern;
                else if (key.Rule is { } chosen)
                    schema["pattern"] = $"({chosen.Pattern})|[xX][yY][zZ]|PASTE_";
                break;
        }

        if (key.Default is { } value)
            schema["default"] = JToken.FromObject(value);
        return schema;
    }
}
