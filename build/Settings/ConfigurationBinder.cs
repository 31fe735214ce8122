using System.Globalization;
using System.Numerics;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Settings;

/// <summary>Holds the nodes of a file against the keys: unknown names and wrong types are problems, the rest are values.</summary>
internal sealed class ConfigurationBinder(string file, List<ConfigurationProblem> problems)
{
    private readonly List<string> _meant = [];

    /// <summary>A key that is there by a name like it, or part of such a one: that it is missing as well would be one mistake told twice.</summary>
    public bool IsMeant(string path) => _meant.Any(meant => path == meant || path.StartsWith(meant + ".", StringComparison.Ordinal));

    /// <param name="prefix">Put before a key's path in errors, such as <c>instances[0].</c>; empty for the file itself.</param>
    public SettingValues Bind(ConfigurationObject document, IReadOnlyList<SettingKey> keys, string prefix)
    {
        var values = new SettingValues(keys);
        BindObject(document, "", prefix, values);
        return values;
    }

    public string At(ConfigurationNode node) => ConfigurationReader.At(file, node.Line, node.Column);

    private void BindObject(ConfigurationObject node, string parent, string prefix, SettingValues values)
    {
        foreach (var property in node.Properties)
        {
            var path = parent + property.Name;
            if (prefix.Length == 0 && path == SettingKeys.Schema)
                continue;
            if (values.Keys.FirstOrDefault(key => key.Path == path) is { } known)
                BindValue(property.Value, known, prefix, values);
            else if (!values.Keys.Any(key => key.Path.StartsWith(path + ".", StringComparison.Ordinal)))
                Unknown(property, path, prefix, values.Keys);
            else if (property.Value is ConfigurationObject inner)
                BindObject(inner, path + ".", prefix, values);
            else
                Invalid(property.Value, prefix + path, property.Value.Description, "an object");
        }
    }

    private void BindValue(ConfigurationNode node, SettingKey key, string prefix, SettingValues values)
    {
        if (node is ConfigurationValue { Value: null } && key.IsOptional && key.Type == SettingType.Text)
            return;
        object? value = (key.Type, node) switch
        {
            (SettingType.Text, ConfigurationValue { Value: string text }) => text,
            (SettingType.Integer, ConfigurationValue { Value: long number }) => number,
            (SettingType.Integer, ConfigurationValue { Value: BigInteger number }) => number > 0 ? long.MaxValue : long.MinValue,
            (SettingType.TextList, ConfigurationList { Items.Count: > 0 } list)
                when list.Items.All(item => item is ConfigurationValue { Value: string }) =>
                list.Items.Select(item => (string)((ConfigurationValue)item).Value!).ToArray(),
            (SettingType.Instances, ConfigurationList { Items.Count: > 0 } list) => list.Items,
            _ => null,
        };
        if (value is null)
            Invalid(node, prefix + key.Path, node is ConfigurationList { Items.Count: 0 } ? "an empty list" : node.Description, key.AllowedText);
        else
            values.Set(key.Path, new SettingValue(value, At(node)));
    }

    private void Invalid(ConfigurationNode node, string path, string given, string allowed) => problems.Add(
        new ConfigurationProblem(ErrorCode.ConfigurationInvalidValue, At(node), $"{path} is {given}; allowed: {allowed}"));

    private void Unknown(ConfigurationProperty property, string path, string prefix, IReadOnlyList<SettingKey> keys)
    {
        var nearest = NearestKey(path, keys.Select(key => key.Path));
        if (nearest is not null)
            _meant.Add(prefix + nearest);
        var hint = nearest is null
            ? "known here: " + string.Join(", ", Siblings(path, keys))
            : $"did you mean {prefix}{nearest}?";
        problems.Add(new ConfigurationProblem(
            ErrorCode.ConfigurationUnknownKey,
            ConfigurationReader.At(file, property.Line, property.Column),
            string.Create(CultureInfo.InvariantCulture, $"unknown key {prefix}{path}; {hint}")));
    }

    /// <summary>A mistyped key of this object, or else a key of that very name which belongs elsewhere.</summary>
    internal static string? NearestKey(string path, IEnumerable<string> known)
    {
        var paths = known.ToArray();
        var parent = path[..(path.LastIndexOf('.') + 1)];
        var name = path[parent.Length..];
        var siblings = paths
            .Where(candidate => candidate.StartsWith(parent, StringComparison.Ordinal))
            .Select(candidate => candidate[parent.Length..].Split('.')[0])
            .Distinct();
        return NearestName.Of(name, siblings) is { } sibling
            ? parent + sibling
            : paths.FirstOrDefault(candidate => ("." + candidate).EndsWith("." + name, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> Siblings(string path, IReadOnlyList<SettingKey> keys)
    {
        var parent = path[..(path.LastIndexOf('.') + 1)];
        return keys.Where(key => key.Path.StartsWith(parent, StringComparison.Ordinal)).Select(key => key.Path[parent.Length..].Split('.')[0]).Distinct();
    }
}
