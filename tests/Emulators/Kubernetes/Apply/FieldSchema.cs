using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>How values of a type are merged, from the official model and from the merge keys that Kubernetes publishes with its schema.</summary>
internal sealed class FieldSchema
{
    private static readonly ConcurrentDictionary<(Type Type, string Place), FieldSchema> Known = new();

    // x-kubernetes-list-map-keys of the published schema, by "Model.property".
    private static readonly Dictionary<string, string[]> ListKeys = new()
    {
        ["V1PodSpec.containers"] = ["name"],
        ["V1PodSpec.initContainers"] = ["name"],
        ["V1PodSpec.ephemeralContainers"] = ["name"],
        ["V1PodSpec.volumes"] = ["name"],
        ["V1PodSpec.imagePullSecrets"] = ["name"],
        ["V1PodSpec.hostAliases"] = ["ip"],
        ["V1PodSpec.topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["V1Container.env"] = ["name"],
        ["V1Container.ports"] = ["containerPort", "protocol"],
        ["V1Container.volumeMounts"] = ["mountPath"],
        ["V1Container.volumeDevices"] = ["devicePath"],
        ["V1ServiceSpec.ports"] = ["port", "protocol"],
        ["V1ObjectMeta.ownerReferences"] = ["uid"],
        ["V1ServiceAccount.secrets"] = ["name"],
        ["V1PodStatus.conditions"] = ["type"],
        ["V1PodStatus.podIPs"] = ["ip"],
        ["V1NodeStatus.conditions"] = ["type"],
        ["V1NodeStatus.addresses"] = ["type"],
        ["V1StatefulSetStatus.conditions"] = ["type"],
        ["V1DeploymentStatus.conditions"] = ["type"],
        ["V1ReplicaSetStatus.conditions"] = ["type"],
        ["V1NamespaceStatus.conditions"] = ["type"],
        ["V1PersistentVolumeClaimStatus.conditions"] = ["type"],
        ["V1ServiceStatus.conditions"] = ["type"],
    };

    // x-kubernetes-list-type: set
    private static readonly HashSet<string> Sets = ["V1ObjectMeta.finalizers", "V1NodeSpec.podCIDRs"];

    // x-kubernetes-map-type: atomic, by model or by "Model.property".
    private static readonly HashSet<string> AtomicTypes =
    [
        nameof(V1LabelSelector), nameof(V1SecretKeySelector), nameof(V1ConfigMapKeySelector), nameof(V1ObjectFieldSelector),
        nameof(V1ResourceFieldSelector), nameof(V1LocalObjectReference), nameof(V1NodeSelector), nameof(V1NodeSelectorTerm),
        nameof(V1ObjectReference), nameof(V1SecretReference), nameof(V1TypedLocalObjectReference),
    ];

    private static readonly HashSet<string> AtomicFields = ["V1ServiceSpec.selector", "V1PodSpec.nodeSelector"];

    // The two places where the published schema says "granular" although the type is atomic.
    private static readonly HashSet<string> GranularFields = ["V1PersistentVolumeSpec.claimRef"];

    private readonly Lazy<IReadOnlyDictionary<string, FieldSchema>> _fields;

    private FieldSchema(Type type, string place)
    {
        Type = Nullable.GetUnderlyingType(type) ?? type;
        _fields = new(() => Kind == SchemaKind.Struct ? Properties(Type) : new Dictionary<string, FieldSchema>());
        if (Argument(Type, typeof(IDictionary<,>)) is { } pair)
        {
            Element = Of(pair[1], "");
            Kind = AtomicFields.Contains(place) ? SchemaKind.AtomicMap : SchemaKind.Map;
        }
        else if (Argument(Type, typeof(IList<>)) is { } items)
        {
            Element = Of(items[0], "");
            Keys = ListKeys.GetValueOrDefault(place, []);
            Kind = Keys.Count > 0 ? SchemaKind.KeyedList : Sets.Contains(place) ? SchemaKind.Set : SchemaKind.AtomicList;
        }
        else if (Type.Namespace == "k8s.Models" && Type != typeof(ResourceQuantity) && Type != typeof(IntOrString))
        {
            Kind = SchemaKind.Struct;
            Atomic = AtomicTypes.Contains(Type.Name) && !GranularFields.Contains(place);
        }
        else
        {
            Kind = SchemaKind.Scalar;
        }
    }

    public Type Type { get; }

    public SchemaKind Kind { get; }

    /// <summary>Whether a struct has one owner for all of it.</summary>
    public bool Atomic { get; }

    /// <summary>Of a list or a map.</summary>
    public FieldSchema? Element { get; }

    public IReadOnlyList<string> Keys { get; } = [];

    /// <summary>The fields of a struct by their names in JSON.</summary>
    public IReadOnlyDictionary<string, FieldSchema> Fields => _fields.Value;

    /// <summary>Whether merging stops here: the value is taken as a whole.</summary>
    public bool IsLeaf => Atomic || Kind is SchemaKind.Scalar or SchemaKind.AtomicList or SchemaKind.AtomicMap;

    public static FieldSchema Of(Type type, string place = "") => Known.GetOrAdd((type, place), key => new FieldSchema(key.Type, key.Place));

    /// <summary>The schema of a field of a struct or of an entry of a map; null where the struct has no such field.</summary>
    public FieldSchema? Field(string name) => Kind == SchemaKind.Struct ? Fields.GetValueOrDefault(name) : Element;

    private static Dictionary<string, FieldSchema> Properties(Type type) => type.GetProperties()
        .Select(property => (Property: property, property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name))
        .Where(field => field.Name is not null)
        .ToDictionary(field => field.Name!, field => Of(field.Property.PropertyType, $"{type.Name}.{field.Name}"));

    private static Type[]? Argument(Type type, Type generic) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments() : null;
}
