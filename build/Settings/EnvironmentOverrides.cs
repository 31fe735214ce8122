using System.Globalization;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Settings;

/// <summary>
/// <c>AMBROSIA_...</c> variables in place of keys. A mistyped one is refused like a mistyped key; variables of that prefix which have
/// nothing to do with the configuration (a coordinator sets <c>AMBROSIA_COORDINATOR_PID</c> for its app) are left alone.
/// </summary>
internal static class EnvironmentOverrides
{
    private const int TypoDistance = 2;

    private static readonly string[] Families = ["AMBROSIA_AZURE_", "AMBROSIA_IMAGES_", "AMBROSIA_INSTANCES", "AMBROSIA_KUBERNETES_", "AMBROSIA_VERIFY_"];

    public static void Apply(IReadOnlyDictionary<string, string?> environment, SettingValues values, List<ConfigurationProblem> problems)
    {
        var keys = values.Keys.Where(key => key.Type is SettingType.Text or SettingType.Integer).ToDictionary(key => key.EnvironmentVariable);
        foreach (var (name, value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            // CI systems define unset variables as empty.
            if (!name.StartsWith("AMBROSIA_", StringComparison.Ordinal) || string.IsNullOrEmpty(value))
                continue;
            if (keys.TryGetValue(name, out var key))
                Set(key, name, value, values, problems);
            else if (Unknown(name, keys.Keys) is { } hint)
                problems.Add(new ConfigurationProblem(ErrorCode.ConfigurationUnknownKey, "environment", $"unknown variable {name}; {hint}"));
        }
    }

    /// <summary>Null when the variable is not meant for us.</summary>
    internal static string? Unknown(string name, IReadOnlyCollection<string> known)
    {
        if (name.StartsWith("AMBROSIA_INSTANCES", StringComparison.Ordinal))
            return "instances can be set in the file alone";
        var nearest = NearestName.Of(name, known);
        var isOurs = Families.Any(family => name.StartsWith(family, StringComparison.Ordinal))
            || (nearest is not null && NearestName.Distance(name, nearest) <= TypoDistance);
        if (!isOurs)
            return null;
        return nearest is null ? "its name is made from the key's path, as in AMBROSIA_AZURE_RESOURCE_GROUP" : $"did you mean {nearest}?";
    }

    private static void Set(SettingKey key, string name, string text, SettingValues values, List<ConfigurationProblem> problems)
    {
        if (key.Type == SettingType.Text)
        {
            values.Set(key.Path, new SettingValue(text, "environment"));
        }
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            values.Set(key.Path, new SettingValue(number, "environment"));
        }
        else
        {
            problems.Add(new ConfigurationProblem(
                ErrorCode.ConfigurationInvalidValue, "environment", $"{name} is the text \"{text}\"; allowed: {key.AllowedText}"));
        }
    }
}
