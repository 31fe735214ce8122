using System.Globalization;
using System.Text.RegularExpressions;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Settings;

/// <summary>The list <c>instances</c> as records, checked by themselves and against one another.</summary>
internal sealed class InstanceBinder(ConfigurationBinder binder, List<ConfigurationProblem> problems)
{
    private static readonly string[] Ports = ["ports.coordinator", "ports.receive", "ports.send"];

    public IReadOnlyList<InstanceSettings> Bind(IReadOnlyList<ConfigurationNode> items)
    {
        var instances = new List<InstanceSettings>();
        for (var i = 0; i < items.Count; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"instances[{i}]");
            if (items[i] is ConfigurationObject item)
                instances.Add(Bind(item, path + ".", instances));
            else
                Invalid(binder.At(items[i]), $"{path} is {items[i].Description}; allowed: an object with name and command");
        }

        return instances;
    }

    private InstanceSettings Bind(ConfigurationObject item, string prefix, List<InstanceSettings> earlier)
    {
        var values = binder.Bind(item, SettingKeys.OfInstance, prefix);
        foreach (var key in SettingKeys.OfInstance)
        {
            if (values.TryGet(key.Path, out var value) && ValueCheck.Of(key, value, platform: null, prefix) is { } problem)
                problems.Add(problem);
            else if (key.IsAlwaysRequired && value is null && !item.Properties.Any(property => property.Name == key.Path))
                Invalid(binder.At(item), $"{prefix}{key.Path} is missing; allowed: {key.AllowedText}");
        }

        // DNS names of the services are made from instance names, and those know no case.
        var name = values.Text("name");
        if (name.Length > 0 && earlier.Any(other => string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase)))
            Invalid(WhereOf("name"), $"{prefix}name is \"{name}\", which an earlier instance has; allowed: a name of its own");

        var command = values.TryGet("command", out var given) ? (IReadOnlyList<string>)given.Value : [];
        foreach (var argument in command)
            CheckStandIns(argument, prefix + "command", WhereOf("command"));

        for (var i = 1; i < Ports.Length; i++)
        {
            var same = Ports[..i].FirstOrDefault(port => values.Integer(port) == values.Integer(Ports[i]));
            if (same is not null)
            {
                var where = values.TryGet(Ports[i], out var port) || values.TryGet(same, out port) ? port.Where : binder.At(item);
                Invalid(where, string.Create(CultureInfo.InvariantCulture, $"{prefix}{Ports[i]} is {values.Integer(Ports[i])}, as {prefix}{same}; allowed: three different ports"));
            }
        }

        return new InstanceSettings(
            name,
            command,
            Narrow("ports.coordinator"),
            Narrow("ports.receive"),
            Narrow("ports.send"),
            Narrow("stateVersion"),
            Narrow("triggerSizeMiB"));

        string WhereOf(string key) => values.TryGet(key, out var value) ? value.Where : binder.At(item);

        int Narrow(string key) => (int)Math.Clamp(values.Integer(key), int.MinValue, int.MaxValue);
    }

    /// <summary>Braces may be the app's own; only what looks like a mistyped stand-in is refused.</summary>
    private void CheckStandIns(string argument, string path, string where)
    {
        foreach (Match match in Regex.Matches(argument, @"\{[A-Za-z]+\}"))
        {
            if (!SettingKeys.CommandStandIns.Contains(match.Value) && NearestName.Of(match.Value, SettingKeys.CommandStandIns) is { } nearest)
                Invalid(where, $"{path} has {match.Value}; allowed: {string.Join(", ", SettingKeys.CommandStandIns)}; did you mean {nearest}?");
        }
    }

    private void Invalid(string where, string text) => problems.Add(new ConfigurationProblem(ErrorCode.ConfigurationInvalidValue, where, text));
}
