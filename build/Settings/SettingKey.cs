using System.Text;

namespace Ambrosia.Build.Settings;

internal enum SettingType
{
    Text,
    Integer,
    TextList,
    Instances,
}

/// <summary>
/// One key of the configuration. This single definition feeds the parser, the check, the environment override, the JSON schema
/// and the template with its comments.
/// </summary>
/// <param name="Path">Dotted, such as <c>azure.storage.account</c>; inside an instance relative to it.</param>
internal sealed record SettingKey(string Path, SettingType Type, string Description)
{
    /// <summary>A string, a long or null; null where there is none, or where it depends on the platform.</summary>
    public object? Default { get; init; }

    /// <summary>What the template shows, where it is not the default.</summary>
    public object? Example { get; init; }

    /// <summary>The allowed values, where they are few.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    public long Minimum { get; init; } = long.MinValue;

    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>A further rule for a text, or null.</summary>
    public TextRule? Rule { get; init; }

    /// <summary>The platforms that cannot do without a value from the user.</summary>
    public IReadOnlyList<PlatformKind> RequiredOn { get; init; } = [];

    /// <summary>Without it the file, or the instance, says nothing.</summary>
    public bool IsAlwaysRequired { get; init; }

    /// <summary>The platforms on which the value is used; a placeholder elsewhere does no harm.</summary>
    public IReadOnlyList<PlatformKind> UsedOn { get; init; } = [PlatformKind.Local, PlatformKind.Kubernetes, PlatformKind.Aks];

    /// <summary>A name that the user chooses, so that "xyz" or "PASTE_..." in it was left over from the template.</summary>
    public bool IsUserChosen { get; init; }

    /// <summary>May be null in the file, which is the same as absent.</summary>
    public bool IsOptional => Default is null && !IsAlwaysRequired;

    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary><c>azure.storage.quotaGiB</c> becomes <c>AMBROSIA_AZURE_STORAGE_QUOTA_GIB</c>.</summary>
    public string EnvironmentVariable => VariableOf(Path);

    /// <summary>What is allowed, in words for an error.</summary>
    public string AllowedText => (Type, Allowed.Count) switch
    {
        (_, > 0) => string.Join(", ", Allowed),
        (SettingType.Integer, _) => $"a whole number from {Minimum} to {Maximum}",
        (SettingType.TextList, _) => "a list of texts, at least one",
        (SettingType.Instances, _) => "a list of instances, at least one",
        _ => Rule?.Allowed ?? "a text",
    };

    public static string VariableOf(string path)
    {
        var name = new StringBuilder("AMBROSIA_");
        // GiB and MiB are one word.
        var words = path.Replace("GiB", "Gib", StringComparison.Ordinal).Replace("MiB", "Mib", StringComparison.Ordinal);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == '.')
                name.Append('_');
            else if (char.IsAsciiLetterUpper(words[i]))
                name.Append('_').Append(words[i]);
            else
                name.Append(char.ToUpperInvariant(words[i]));
        }

        return name.ToString();
    }
}
