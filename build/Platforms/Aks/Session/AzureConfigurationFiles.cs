namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>
/// What az's own configuration files say about the cloud. A guess, so that the token can be fetched while <c>az cloud show</c> still runs:
/// that is the judge, and a token for another audience is thrown away.
/// </summary>
public sealed class AzureConfigurationFiles(Func<string, string?> environment)
{
    /// <summary>Audience of tokens for the resource manager, as <c>az cloud show</c> would name it; null where the files do not tell.</summary>
    public string? GuessAudience()
    {
        try
        {
            var directory = environment("AZURE_CONFIG_DIR") is { Length: > 0 } given
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".azure");
            return Guess(environment("AZURE_CLOUD_NAME"), Read(Path.Combine(directory, "config")), Read(Path.Combine(directory, "clouds.config")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string? Guess(string? cloudVariable, string configuration, string clouds)
    {
        var cloud = cloudVariable is { Length: > 0 } ? cloudVariable : Value(configuration, "cloud", "name") ?? "AzureCloud";
        return Value(clouds, cloud, "endpoint_active_directory_resource_id") ?? cloud switch
        {
            "AzureCloud" => "https://management.core.windows.net/",
            "AzureUSGovernment" => "https://management.core.usgovcloudapi.net/",
            "AzureChinaCloud" => "https://management.core.chinacloudapi.cn/",
            _ => null,
        };
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    private static string? Value(string text, string section, string key)
    {
        var isInside = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()))
        {
            if (line is ['[', .. var name, ']'])
                isInside = string.Equals(name.Trim(), section, StringComparison.Ordinal);
            else if (isInside && line.Split('=', 2, StringSplitOptions.TrimEntries) is [var found, { Length: > 0 } value]
                && string.Equals(found, key, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}
