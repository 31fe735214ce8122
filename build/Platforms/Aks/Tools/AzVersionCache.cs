using System.Text.Json;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>
/// The version of az, remembered as long as its executable is the same file: asking for it costs half a second, which a run with nothing to
/// do should not.
/// </summary>
internal sealed record AzVersionCache(string Path, long Size, DateTime Modified, string Version)
{
    public const string FileName = "az-version.json";

    /// <summary>The remembered version; null where it is of another executable, or there is none.</summary>
    public static string? Read(string? text, FileInfo executable)
    {
        if (text is null)
            return null;
        try
        {
            var kept = JsonSerializer.Deserialize<AzVersionCache>(text);
            return kept is not null && kept.Path == executable.FullName && kept.Size == executable.Length && kept.Modified == executable.LastWriteTimeUtc
                ? kept.Version
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Write(FileInfo executable, string version) =>
        JsonSerializer.Serialize(new AzVersionCache(executable.FullName, executable.Length, executable.LastWriteTimeUtc, version));
}
