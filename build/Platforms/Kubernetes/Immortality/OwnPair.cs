using System.Security.Cryptography;
using System.Text;
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
    private const int HashLength = 8;

    /// <summary>In bytes: more would fill a disk rather than prove more.</summary>
    private const long MostWork = 64L << 30;

    /// <summary>With rounds so many times as large; null where that is too much, or where the commands do not take the size from the settings.</summary>
    public static BuildSettings? WithMoreWork(BuildSettings pair, int times)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var verify = pair.Verify with { RoundBytes = pair.Verify.RoundBytes * times };
        return verify.ExpectedBytes <= MostWork && pair.Instances.Any(instance => instance.Command.Any(word => word.Contains("{roundBytes}", StringComparison.Ordinal)))
            ? pair with { Verify = verify }
            : null;
    }

    /// <summary>Label values hold 63 characters.</summary>
    public static string ServiceNameOf(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var name = settings.ServiceName;
        return (name.Length + Suffix.Length <= MaxLabelLength ? name : name[..(MaxLabelLength - Suffix.Length)].TrimEnd('-')) + Suffix;
    }

    /// <summary>With a hash for its end where the prefix makes it too long for a cluster.</summary>
    internal static string NameOf(string instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (Prefix.Length + instance.Length <= Naming.MaxInstanceLength)
            return Prefix + instance;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(instance)))[..HashLength];
        return Prefix + instance[..(Naming.MaxInstanceLength - Prefix.Length - HashLength)] + hash;
    }

    public static BuildSettings Of(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var names = settings.Instances.ToDictionary(instance => instance.Name, instance => NameOf(instance.Name), StringComparer.Ordinal);
        return settings with
        {
            ServiceName = ServiceNameOf(settings),
            Instances = [.. settings.Instances.Select(instance => instance with { Name = names[instance.Name], Command = [.. instance.Command.Select(Renamed)] })],
        };

        // The program itself, the first word, may be called like an instance.
        string Renamed(string word, int index) => index > 0 ? names.GetValueOrDefault(word, word) : word;
    }
}
