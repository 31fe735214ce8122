namespace Ambrosia.Build.Settings;

/// <summary>What settings are made from, read beforehand, so that loading is a pure function.</summary>
/// <param name="File">Absolute path of the configuration, or null when there is none.</param>
/// <param name="Text">Its content.</param>
/// <param name="Platform">The value of --platform, or null.</param>
/// <param name="Environment">All environment variables.</param>
internal sealed record SettingsSource(string? File, string? Text, string? Platform, IReadOnlyDictionary<string, string?> Environment);
