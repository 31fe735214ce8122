using System.Globalization;
using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Images;

/// <summary>Whether the way that a context's name tells leads to all of its nodes. Pure.</summary>
public static class NodeLoaderCheck
{
    private const string Subject = "way of images to the nodes";

    /// <param name="platform">images.platform, such as <c>linux/amd64</c>.</param>
    /// <returns>Empty where nothing can be said against it.</returns>
    public static IReadOnlyList<Finding> Judge(NodeLoader loader, string platform, IReadOnlyList<NodeState> nodes)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(nodes);
        return loader.Kind switch
        {
            NodeLoaderKind.SharedEngine => SharedEngine(loader, nodes),
            NodeLoaderKind.K3s => OneNode([.. nodes.Where(node => node.TakesPods && node.Platform == platform)]),
            _ => [],
        };
    }

    /// <summary>
    /// Docker Desktop keeps the context's name also for a cluster of kind's (https://docs.docker.com/desktop/use-desktop/kubernetes/), and Rancher
    /// Desktop and colima theirs with containerd.
    /// </summary>
    private static IReadOnlyList<Finding> SharedEngine(NodeLoader loader, IReadOnlyList<NodeState> nodes) =>
        nodes.FirstOrDefault(node => node.Runtime.Length > 0 && !node.Runtime.StartsWith("docker://", StringComparison.Ordinal)) is { } other
            ? [new Finding(
                FindingSeverity.Error, Subject,
                $"node {other.Name} of {loader.Cluster} runs {other.Runtime}, and not the Docker engine that builds the image: its pods end in ErrImageNeverPull",
                "set kubernetes.registry; or let the cluster use the Docker engine (Docker Desktop: cluster type kubeadm; Rancher Desktop: dockerd; "
                + "colima: --runtime docker); or bring the image there yourself and set kubernetes.imageLoader to none")]
            : [];

    private static IReadOnlyList<Finding> OneNode(IReadOnlyList<NodeState> nodes) => nodes.Count > 1
        ? [new Finding(
            FindingSeverity.Error, Subject,
            string.Create(
                CultureInfo.InvariantCulture,
                $"k3s loads the image into this machine's node alone, and pods may run on {nodes.Count} ({string.Join(", ", nodes.Select(node => node.Name))})"),
            "set kubernetes.registry; or cordon the others; or import the image on each node yourself and set kubernetes.imageLoader to none")]
        : [];
}
