using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Images;

/// <summary>Whether the image's platform is one that the cluster's nodes can run. Pure.</summary>
public static class ImagePlatform
{
    /// <param name="platform">As <c>linux/amd64</c>.</param>
    /// <param name="nodes">Of each node <c>status.nodeInfo</c>: operatingSystem/architecture.</param>
    /// <returns>An error where no node can run it, a warning where only some can.</returns>
    public static Finding Check(string platform, IReadOnlyCollection<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var fitting = nodes.Count(node => node == platform);
        var others = string.Join(", ", nodes.Where(node => node != platform).Distinct().Order(StringComparer.Ordinal));
        const string subject = "images.platform";
        return (fitting, nodes.Count) switch
        {
            (_, 0) => new(FindingSeverity.Warning, subject, $"{platform}, and the cluster has no node yet"),
            (0, _) => new(
                FindingSeverity.Error, subject, $"{platform}, and the nodes are {others}: they cannot run the image", $"set images.platform to {nodes.First()}"),
            var (some, all) when some < all => new(
                FindingSeverity.Warning, subject, $"{platform} fits {some} of {all} nodes; the others are {others}"),
            _ => new(FindingSeverity.Good, subject, $"{platform}, as the nodes are"),
        };
    }
}
