using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>Compares the wanted objects with the live ones. Pure.</summary>
public static class KubernetesPlanner
{
    private const string NotThere = "does not exist";

    /// <summary>Fields that the server never lets anybody change.</summary>
    private static readonly Dictionary<string, string[]> Immutable = new()
    {
        ["StatefulSet"] = ["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
        ["PersistentVolumeClaim"] = ["spec"],
        ["PersistentVolume"] = ["spec.csi"],
        ["Secret"] = ["type"],
    };

    /// <param name="fresh">The instances start from empty logs.</param>
    public static KubernetesPlan Plan(DeploymentSpec spec, ObservedObjects observed, bool fresh)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(observed);
        List<PlannedObject> planned = [];
        var wanted = ManifestBuilder.Build(spec);
        foreach (var item in wanted)
            planned.Add(item.Kind == "Namespace" ? PlanNamespace(item, observed) : Plan(spec, item, observed.Find(item), fresh));
        if (fresh && spec.IsOnShare)
            planned.AddRange(Erasures(wanted, observed));
        planned.AddRange(observed.Objects.Where(live => IsOurs(spec, live) && !wanted.Any(item => item.Id == live.Id)).Select(Leftover));
        return new KubernetesPlan(spec, planned);
    }

    /// <summary>Whose manifests may be changed and deleted.</summary>
    public static bool IsOurs(DeploymentSpec spec, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(live);
        return live.Label(Naming.DeploymentLabel) == spec.ServiceName
            && (live.Kind != "PersistentVolume" || ClaimNamespace(live) == spec.Settings.Kubernetes.Namespace);
    }

    /// <summary>A namespace that exists is used as it is, whoever made it.</summary>
    private static PlannedObject PlanNamespace(KubeObject wanted, ObservedObjects observed) => observed switch
    {
        { ClusterExists: true, NamespaceIsReadable: false } =>
            new(wanted, wanted, ObjectAction.Unchanged, "taken to exist: this account may not look"),
        { Namespace: null } => new(wanted, null, ObjectAction.Create, NotThere),
        { Namespace: { } live } when (string?)live.Content["status"]?["phase"] == "Terminating" => new(
            wanted, live, ObjectAction.Conflict, "is being deleted", [], "wait until it is gone, or choose another kubernetes.namespace"),
        { Namespace: var live } => new(wanted, live, ObjectAction.Unchanged, "exists"),
    };

    private static PlannedObject Plan(DeploymentSpec spec, KubeObject wanted, KubeObject? live, bool fresh)
    {
        if (live is null)
            return new PlannedObject(wanted, null, ObjectAction.Create, NotThere);
        if (!IsOurs(spec, live))
            return Foreign(wanted, live);
        wanted = wanted.Kind == "StatefulSet" ? WithPreviousImage(spec, wanted, live) : wanted;
        if (wanted.Kind == "PersistentVolumeClaim" && fresh && !spec.IsOnShare)
            return new PlannedObject(wanted, live, ObjectAction.Recreate, "--fresh: the logs on it are deleted");
        if (wanted.Kind == "PersistentVolume" && (string?)live.Content["status"]?["phase"] is "Released" or "Failed")
            return new PlannedObject(wanted, live, ObjectAction.Recreate, "its claim is gone; the share and the logs on it stay");

        var differences = ObjectComparison.Compare(wanted, live);
        if (differences.Count == 0)
            return new PlannedObject(wanted, live, ObjectAction.Unchanged, "as configured");
        if (Refusal(wanted, live, differences) is { } refusal)
            return new PlannedObject(wanted, live, ObjectAction.Conflict, refusal.Reason, differences, refusal.Remedy);
        return new PlannedObject(wanted, live, ObjectAction.Update, ReasonOf(wanted, differences), differences);
    }

    private static PlannedObject Foreign(KubeObject wanted, KubeObject live)
    {
        var owner = live.Label(Naming.DeploymentLabel) is { } other ? $"belongs to the deployment {other}" : $"made by somebody else (no label {Naming.DeploymentLabel})";
        return new PlannedObject(
            wanted, live, ObjectAction.Conflict, owner, [],
            wanted.Kind == "Secret"
                ? "choose another name in kubernetes.secrets, or another kubernetes.namespace"
                : "choose another kubernetes.namespace, or rename the instance");
    }

    private static (string Reason, string Remedy)? Refusal(KubeObject wanted, KubeObject live, IReadOnlyList<FieldDifference> differences)
    {
        if (differences.FirstOrDefault(difference => difference.Owner is not null) is { } foreign)
        {
            return (
                $"{foreign.Path} was set by {foreign.Owner}, and nobody's change is overwritten",
                $"set it to {foreign.New} in the same way, or delete {wanted.Id} so that it is made anew");
        }

        var names = Immutable.GetValueOrDefault(wanted.Kind) ?? [];
        var fixedFields = differences.Where(difference => names.Any(name => IsBelow(difference.Path, name)) && !IsGrowth(wanted, live, difference)).ToList();
        if (fixedFields.Count == 0)
            return null;
        var reason = $"{fixedFields[0].Path} cannot be changed";
        return wanted.Kind switch
        {
            "PersistentVolumeClaim" when fixedFields[0].Path.EndsWith(".storage", StringComparison.Ordinal) =>
                ("a claim cannot shrink", "set kubernetes.logSizeGiB back, or start from empty logs with --fresh"),
            "PersistentVolumeClaim" => (reason, "set it back in the configuration, or start from empty logs with --fresh"),
            _ => (reason, $"delete {wanted.Id}: it is made anew, and the logs stay where they are"),
        };
    }

    private static bool IsBelow(string path, string name) =>
        path == name || path.StartsWith(name + ".", StringComparison.Ordinal) || path.StartsWith(name + "[", StringComparison.Ordinal);

    private static bool IsGrowth(KubeObject wanted, KubeObject live, FieldDifference difference) =>
        difference.Path == "spec.resources.requests.storage"
        && Storage(wanted) is { } size && Storage(live) is { } present && ObjectComparison.Quantity(size) > ObjectComparison.Quantity(present);

    private static JsonNode? Storage(KubeObject claim) => claim.Content["spec"]?["resources"]?["requests"]?["storage"];

    private static string ReasonOf(KubeObject wanted, IReadOnlyList<FieldDifference> differences) => wanted.Kind switch
    {
        "Secret" => "what it holds has changed",
        "StatefulSet" when differences.Any(difference => IsBelow(difference.Path, "spec.template")) => "differs from the configuration; its pod is replaced",
        _ => "differs from the configuration",
    };

    /// <summary>The image that ran before the present one is written down, so that one can go back to it.</summary>
    private static KubeObject WithPreviousImage(DeploymentSpec spec, KubeObject wanted, KubeObject live)
    {
        var running = ImageOf(live);
        var previous = running is null || running == ImageOf(wanted) || spec.Image is null ? live.Annotation(Naming.PreviousImageAnnotation) : running;
        return wanted.WithAnnotation(Naming.PreviousImageAnnotation, previous);
    }

    /// <summary>The image of a StatefulSet's one container.</summary>
    public static string? ImageOf(KubeObject statefulSet)
    {
        ArgumentNullException.ThrowIfNull(statefulSet);
        return (string?)(statefulSet.Content["spec"]?["template"]?["spec"]?["containers"] as JsonArray)?
            .FirstOrDefault(container => (string?)container?["name"] == Naming.Container)?["image"];
    }

    private static IEnumerable<PlannedObject> Erasures(IEnumerable<KubeObject> wanted, ObservedObjects observed) => wanted
        .Where(item => item.Kind == "PersistentVolumeClaim" && observed.Find(item) is not null)
        .Select(item => new PlannedObject(item, item, ObjectAction.EraseLogs, "--fresh: its folder on the share is emptied"));

    private static PlannedObject Leftover(KubeObject live) => live.Kind is "PersistentVolumeClaim" or "PersistentVolume"
        ? new PlannedObject(null, live, ObjectAction.Unchanged, "kept: logs of an instance that is configured no more (Clean --scope=logs empties)")
        : new PlannedObject(null, live, ObjectAction.Delete, "configured no more");

    private static string? ClaimNamespace(KubeObject volume) => (string?)volume.Content["spec"]?["claimRef"]?["namespace"];
}
