using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>
/// A registry may have one name for the machine that pushes and another one for the nodes that pull, which <c>kubernetes.pullRegistry</c> tells:
/// 127.0.0.1 is, on a node, the node itself. Pure.
/// </summary>
public static class PullName
{
    /// <summary>An image of the registry as the nodes call it; any other, and one that has that name already, as it is.</summary>
    public static string OnNodes(BuildSettings settings, string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return Names(settings) is var (here, onNodes) && !reference.StartsWith(onNodes + "/", StringComparison.Ordinal)
            ? Renamed(reference, here, onNodes)
            : reference;
    }

    /// <summary>The same the other way: as docker on this machine calls it.</summary>
    public static string OnThisMachine(BuildSettings settings, string reference) =>
        Names(settings) is var (here, onNodes) ? Renamed(reference, onNodes, here) : reference;

    private static (string Here, string OnNodes)? Names(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings is { Platform: PlatformKind.Kubernetes, Images.Public: null, Kubernetes: { Registry: { } registry, PullRegistry: { } onNodes } }
            ? (registry.Split('/')[0], onNodes)
            : null;
    }

    private static string Renamed(string reference, string from, string to)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.StartsWith(from + "/", StringComparison.Ordinal) ? to + reference[from.Length..] : reference;
    }
}
