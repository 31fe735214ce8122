using System.Diagnostics.CodeAnalysis;

namespace Ambrosia.Build.Settings;

/// <summary>A value and where it came from.</summary>
/// <param name="Value">A string, a long, a list of strings, or a list of <see cref="ConfigurationNode"/>s for the instances.</param>
internal sealed record SettingValue(object Value, string Where);

/// <summary>The values that were given, by key; defaults are filled in on reading.</summary>
internal sealed class SettingValues(IReadOnlyList<SettingKey> keys)
{
    private readonly Dictionary<string, SettingValue> _values = new(StringComparer.Ordinal);

    public IReadOnlyList<SettingKey> Keys => keys;

    public void Set(string path, SettingValue value) => _values[path] = value;

    public bool TryGet(string path, [NotNullWhen(true)] out SettingValue? value) => _values.TryGetValue(path, out value);

    public string? OptionalText(string path) => (string?)(_values.GetValueOrDefault(path)?.Value ?? Default(path));

    /// <summary>The text, or "" after a problem with it that is already known.</summary>
    public string Text(string path) => OptionalText(path) ?? "";

    public long Integer(string path) => (long)(_values.GetValueOrDefault(path)?.Value ?? Default(path) ?? 0L);

    private object? Default(string path) => keys.First(key => key.Path == path).Default;
}
