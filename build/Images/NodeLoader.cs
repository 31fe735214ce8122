using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

public enum NodeLoaderKind
{
    /// <summary>The cluster's node runs the very engine that built the image.</summary>
    SharedEngine,

    Kind,
    Minikube,

    /// <summary>k3s on this machine.</summary>
    K3s,

    K3d,

    /// <summary>Whoever runs the cluster has brought the image to its nodes.</summary>
    None,
}

/// <summary>How an image comes to the nodes where there is no registry. Chosen by a pure function of the kube context's name.</summary>
/// <param name="Cluster">The tool's own name of the cluster.</param>
public sealed record NodeLoader(NodeLoaderKind Kind, string Cluster)
{
    /// <returns>Null where there is a registry, or nothing tells.</returns>
    public static NodeLoader? Of(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings is { Images.Public: null, Kubernetes: { Registry: null } kubernetes } ? Of(kubernetes.Context ?? "", kubernetes.ImageLoader) : null;
    }

    /// <param name="context">Of the kubeconfig.</param>
    /// <param name="setting">kubernetes.imageLoader; null leaves it to the context's name, which stock k3s, for one, calls <c>default</c>.</param>
    /// <returns>Null where nothing tells.</returns>
    public static NodeLoader? Of(string context, string? setting)
    {
        ArgumentNullException.ThrowIfNull(context);
        return setting switch
        {
            null => Of(context),
            "kind" => new(NodeLoaderKind.Kind, Without("kind-")),
            "k3d" => new(NodeLoaderKind.K3d, Without("k3d-")),
            "minikube" => new(NodeLoaderKind.Minikube, context),
            "k3s" => new(NodeLoaderKind.K3s, context),
            "none" => new(NodeLoaderKind.None, context),
            _ => throw new ArgumentOutOfRangeException(nameof(setting), setting, null),
        };

        string Without(string prefix) => context.StartsWith(prefix, StringComparison.Ordinal) ? context[prefix.Length..] : context;
    }

    /// <returns>Null where a context's name tells of no cluster that images can be loaded into.</returns>
    public static NodeLoader? Of(string context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context switch
        {
            "docker-desktop" or "docker-for-desktop" or "rancher-desktop" or "orbstack" or "colima" => new(NodeLoaderKind.SharedEngine, context),
            _ when context.StartsWith("kind-", StringComparison.Ordinal) => new(NodeLoaderKind.Kind, context["kind-".Length..]),
            _ when context.StartsWith("k3d-", StringComparison.Ordinal) => new(NodeLoaderKind.K3d, context["k3d-".Length..]),
            _ when context.StartsWith("minikube", StringComparison.Ordinal) => new(NodeLoaderKind.Minikube, context),
            _ when context.StartsWith("k3s", StringComparison.Ordinal) => new(NodeLoaderKind.K3s, context),
            _ => null,
        };
    }

    /// <summary>
    /// The tool and its arguments; null where nothing is to be done. minikube is given a file, too: of a name it first asks Docker Hub for that image.
    /// </summary>
    /// <param name="archive">The saved image, for tools that read a file.</param>
    public IReadOnlyList<string>? Command(string reference, string archive) => Kind switch
    {
        NodeLoaderKind.Kind => ["kind", "load", "docker-image", reference, "--name", Cluster],
        NodeLoaderKind.K3d => ["k3d", "image", "import", reference, "--cluster", Cluster],
        NodeLoaderKind.Minikube => ["minikube", "image", "load", archive, "--profile", Cluster],
        NodeLoaderKind.K3s => ["k3s", "ctr", "images", "import", archive],
        _ => null,
    };

    /// <summary>Lists the images on the nodes; null where the tool cannot, or looks itself before it loads (kind).</summary>
    public IReadOnlyList<string>? ListCommand() => Kind switch
    {
        NodeLoaderKind.Minikube => ["minikube", "image", "ls", "--profile", Cluster],
        NodeLoaderKind.K3s => ["k3s", "ctr", "images", "ls", "--quiet"],
        _ => null,
    };

    public bool NeedsArchive => Kind is NodeLoaderKind.K3s or NodeLoaderKind.Minikube;

    /// <summary>The socket of k3s's containerd is root's alone: https://github.com/k3s-io/k3s/issues/7799</summary>
    public bool NeedsRoot => Kind == NodeLoaderKind.K3s;
}
