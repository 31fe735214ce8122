using System.Globalization;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Settings;

/// <summary>Holds one value against its key: placeholder, allowed values, range, form.</summary>
internal static class ValueCheck
{
    public static ConfigurationProblem? Of(SettingKey key, SettingValue given, PlatformKind? platform, string prefix)
    {
        var (value, where) = given;
        if (value is string text)
        {
            if (key.IsUserChosen && IsPlaceholder(text))
            {
                return platform is { } kind && key.UsedOn.Contains(kind)
                    ? new ConfigurationProblem(
                        ErrorCode.ConfigurationPlaceholder,
                        where,
                        $"{prefix}{key.Path} is still \"{text}\", as in the template; put {key.AllowedText}, here or in {key.EnvironmentVariable}")
                    : null;
            }

            return Text(key, text, prefix) is { } violation ? Invalid(where, violation) : null;
        }

        return value is long number && (number < key.Minimum || number > key.Maximum)
            ? Invalid(where, string.Create(CultureInfo.InvariantCulture, $"{prefix}{key.Path} is {number}; allowed: {key.AllowedText}"))
            : null;
    }

    public static bool IsPlaceholder(string text) =>
        text.Contains("xyz", StringComparison.OrdinalIgnoreCase) || text.Contains("PASTE_", StringComparison.Ordinal);

    private static string? Text(SettingKey key, string text, string prefix)
    {
        if (key.Allowed.Count > 0)
        {
            if (key.Allowed.Contains(text))
                return null;
            var hint = NearestName.Of(text, key.Allowed) is { } nearest ? $"; did you mean {nearest}?" : "";
            return $"{prefix}{key.Path} is \"{text}\"; allowed: {key.AllowedText}{hint}";
        }

        return key.Rule?.Violation(text) is { } why
            ? $"{prefix}{key.Path} is \"{text}\"; allowed: {key.AllowedText}" + (why.Length > 0 ? $" ({why})" : "")
            : null;
    }

    private static ConfigurationProblem Invalid(string where, string text) => new(ErrorCode.ConfigurationInvalidValue, where, text);
}
