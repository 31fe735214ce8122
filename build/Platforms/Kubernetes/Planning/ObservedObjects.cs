using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>What was seen in the cluster.</summary>
/// <param name="ClusterExists">False while the cluster itself is still to be made; then there is nothing.</param>
/// <param name="Namespace">The namespace; null where it is missing.</param>
/// <param name="NamespaceIsReadable">False for an account that may not look: then it is taken to exist.</param>
/// <param name="Objects">Those with the deployment's label, and those of others that stand where ours should.</param>
public sealed record ObservedObjects(bool ClusterExists, KubeObject? Namespace, bool NamespaceIsReadable, IReadOnlyList<KubeObject> Objects)
{
    private readonly ILookup<string, KubeObject> _byId = ById(Objects);

    public IReadOnlyList<KubeObject> Objects
    {
        get;
        init => (field, _byId) = (value, ById(value));
    } = Objects;

    public static ObservedObjects Nothing { get; } = new(false, null, true, []);

    /// <summary>Of storage classes, whether their volumes may grow; those are missing that were not asked for or may not be read.</summary>
    public IReadOnlyDictionary<string, bool> AllowsGrowth { get; init; } = new Dictionary<string, bool>();

    public KubeObject? Find(KubeObject wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return _byId[wanted.Id].FirstOrDefault();
    }

    private static ILookup<string, KubeObject> ById(IEnumerable<KubeObject> objects) => objects.ToLookup(item => item.Id);
}
