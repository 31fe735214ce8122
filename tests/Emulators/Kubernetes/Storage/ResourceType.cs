using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes.Storage;

/// <summary>A kind of object that the API serves.</summary>
/// <param name="Model">The official model of the kind: the schema that applied objects are checked against.</param>
internal sealed record ResourceType(
    string Group,
    string Version,
    string Kind,
    string Plural,
    bool Namespaced,
    Type Model,
    params string[] ShortNames)
{
    private static readonly string[] Rollable = ["statefulsets", "deployments", "replicasets"];

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        new("", "v1", "Namespace", "namespaces", false, typeof(V1Namespace), "ns"),
        new("", "v1", "Node", "nodes", false, typeof(V1Node), "no"),
        new("", "v1", "Pod", "pods", true, typeof(V1Pod), "po"),
        new("", "v1", "Service", "services", true, typeof(V1Service), "svc"),
        new("", "v1", "Secret", "secrets", true, typeof(V1Secret)),
        new("", "v1", "ConfigMap", "configmaps", true, typeof(V1ConfigMap), "cm"),
        new("", "v1", "ServiceAccount", "serviceaccounts", true, typeof(V1ServiceAccount), "sa"),
        new("", "v1", "PersistentVolume", "persistentvolumes", false, typeof(V1PersistentVolume), "pv"),
        new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, typeof(V1PersistentVolumeClaim), "pvc"),
        new("", "v1", "ResourceQuota", "resourcequotas", true, typeof(V1ResourceQuota), "quota"),
        new("", "v1", "Event", "events", true, typeof(Corev1Event), "ev"),
        new("apps", "v1", "StatefulSet", "statefulsets", true, typeof(V1StatefulSet), "sts"),
        new("apps", "v1", "Deployment", "deployments", true, typeof(V1Deployment), "deploy"),
        new("apps", "v1", "ReplicaSet", "replicasets", true, typeof(V1ReplicaSet), "rs"),
        new("apps", "v1", "DaemonSet", "daemonsets", true, typeof(V1DaemonSet), "ds"),
        new("apps", "v1", "ControllerRevision", "controllerrevisions", true, typeof(V1ControllerRevision)),
        new("storage.k8s.io", "v1", "StorageClass", "storageclasses", false, typeof(V1StorageClass), "sc"),
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, typeof(V1PodDisruptionBudget), "pdb"),
        new("coordination.k8s.io", "v1", "Lease", "leases", true, typeof(V1Lease)),
    ];

    public static ResourceType Of(string plural) => All.First(type => type.Plural == plural);

    public static ResourceType Of<T>() => All.First(type => type.Model == typeof(T));

    /// <summary>"apps/v1"; "v1" for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>"deployments.apps"; "pods" for the core group: the name in messages and in access rules.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>"Deployment.apps"; "Pod" for the core group: the name in messages about invalid objects.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public string Singular => Kind.ToLowerInvariant();

    /// <summary>Whether metadata.generation counts the changes of spec.</summary>
    public bool HasGeneration => Group is "apps" or "policy" && Kind != "ControllerRevision";

    /// <summary>Whether replicas can be set through the subresource scale.</summary>
    public bool HasScale => Rollable.Contains(Plural);

    public bool HasStatus => Kind is not ("Secret" or "ConfigMap" or "ServiceAccount" or "Event" or "ControllerRevision" or "StorageClass" or "Lease");
}
