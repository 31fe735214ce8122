using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <summary>
/// The deployment that a proof makes for itself, beside the user's: the same instances under names of their own, so with logs, volumes and
/// Services of their own. Nobody's state is touched. Pure.
/// </summary>
public static class OwnPair
{
    private const string Prefix = "immortal";
    private const string Suffix = "-immortality";
    private const int MaxLabelLength = 63;

    /// <summary>Label values hold 63 characters.</summary>
    public static string ServiceNameOf(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var name = settings.ServiceName;
        return (name.Length + Suffix.Length <= MaxLabelLength ? name : name[..(MaxLabelLength - Suffix.Length)].TrimEnd('-')) + Suffix;
    }

    public static BuildSettings Of(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var names = settings.Instances.ToDictionary(instance => instance.Name, instance => Prefix + instance.Name, StringComparer.Ordinal);
        return settings with
        {
            ServiceName = ServiceNameOf(settings),
            Instances = [.. settings.Instances.Select(instance => instance with { Name = names[instance.Name], Command = [.. instance.Command.Select(Renamed)] })],
        };

        // The program itself, the first word, may be called like an instance.
        string Renamed(string word, int index) => index > 0 ? names.GetValueOrDefault(word, word) : word;
    }
}
