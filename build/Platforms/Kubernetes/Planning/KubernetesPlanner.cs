using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using k8s.Models;

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
        var wanted = PlannedLogWriters.On(ManifestBuilder.Build(spec), spec, observed, fresh);
        var anew = fresh && spec.IsOnShare ? VolumesToMakeAnew(spec, wanted, observed) : [];
        foreach (var item in wanted)
        {
            planned.Add(
                item.Kind == "Namespace" ? PlanNamespace(item, observed)
                : IsVolume(item) && anew.Contains(item.Label(Naming.InstanceLabel)) && observed.Find(item) is { } live
                    ? new PlannedObject(item, live, ObjectAction.Recreate, "--fresh: it was made for another volume")
                : Plan(spec, item, observed, fresh));
        }

        if (fresh && spec.IsOnShare)
            planned.AddRange(Erasures(wanted, observed));
        var names = wanted.Select(item => item.Id).ToHashSet();
        planned.AddRange(observed.Objects.Where(live => IsOurs(spec, live) && !names.Contains(live.Id)).Select(Leftover));
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

    /// <summary>Whether a claim asks for less than it shall have.</summary>
    public static bool Grows(DeploymentSpec spec, IEnumerable<KubeObject> live)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Volumes is Contracts.LogVolumes.Claims claims && live.Any(item => item.Kind == "PersistentVolumeClaim" && IsOurs(spec, item)
            && Storage(item) is { } size && ObjectComparison.Quantity(size) < claims.SizeGiB * (decimal)(1L << 30));
    }

    /// <summary>
    /// Instances whose volume and claim on a share cannot become what is wanted. They go together: a claim stays bound to the volume that it had.
    /// </summary>
    private static HashSet<string?> VolumesToMakeAnew(DeploymentSpec spec, IEnumerable<KubeObject> wanted, ObservedObjects observed)
    {
        var pairs = wanted.Where(IsVolume).Select(item => (Wanted: item, Live: observed.Find(item))).Where(pair => pair.Live is not null).ToList();
        var foreign = pairs.Where(pair => !IsOurs(spec, pair.Live!)).Select(pair => pair.Wanted.Label(Naming.InstanceLabel)).ToHashSet();
        return
        [
            .. pairs.Where(pair => FixedFields(pair.Wanted, pair.Live!, ObjectComparison.Compare(pair.Wanted, pair.Live!)).Count > 0)
                .Select(pair => pair.Wanted.Label(Naming.InstanceLabel)).Where(instance => !foreign.Contains(instance)),
        ];
    }

    private static bool IsVolume(KubeObject item) => item.Kind is "PersistentVolume" or "PersistentVolumeClaim";

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

    private static PlannedObject Plan(DeploymentSpec spec, KubeObject wanted, ObservedObjects observed, bool fresh)
    {
        if (observed.Find(wanted) is not { } live)
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
        if (Refusal(wanted, live, differences, observed) is { } refusal)
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

    private static (string Reason, string Remedy)? Refusal(
        KubeObject wanted, KubeObject live, IReadOnlyList<FieldDifference> differences, ObservedObjects observed)
    {
        if (differences.FirstOrDefault(difference => difference.Owner is not null) is { } foreign)
        {
            return (
                $"{foreign.Path} was set by {foreign.Owner}, and nobody's change is overwritten",
                $"set it to {foreign.New} in the same way, or delete {wanted.Id} so that it is made anew");
        }

        var fixedFields = FixedFields(wanted, live, differences);
        if (fixedFields.Count == 0)
            return differences.Any(difference => IsGrowth(wanted, live, difference)) ? RefusedGrowth(live, observed) : null;
        var reason = $"{fixedFields[0].Path} cannot be changed";
        return wanted.Kind switch
        {
            "PersistentVolumeClaim" when fixedFields[0].Path.EndsWith(".storage", StringComparison.Ordinal) =>
                ("a claim cannot shrink", $"set kubernetes.logSizeGiB back{SizeOf(live)}, or start from empty logs with --fresh"),
            "PersistentVolumeClaim" => (reason, "set it back in the configuration, or start from empty logs with --fresh"),
            // A volume is held by its claim, and a claim by the pod: a deletion of the volume alone would hang.
            "PersistentVolume" => (
                reason,
                "set it back in the configuration, or start from empty logs with --fresh; to keep what is on the share, delete "
                + $"statefulset/{Naming.Object(wanted.Label(Naming.InstanceLabel)!)}, persistentvolumeclaim/{Naming.Claim(wanted.Label(Naming.InstanceLabel)!)} "
                + $"and {wanted.Id}, in this order: they are made anew"),
            _ => (reason, $"delete {wanted.Id}: it is made anew, and the logs stay where they are"),
        };
    }

    /// <summary>A class that is not known is left to the server.</summary>
    private static (string Reason, string Remedy)? RefusedGrowth(KubeObject live, ObservedObjects observed) =>
        (string?)live.Content["spec"]?["storageClassName"] is { } name && observed.AllowsGrowth.TryGetValue(name, out var allowed) && !allowed
            ? ($"storage class {name} lets no volume grow (allowVolumeExpansion)", $"set kubernetes.logSizeGiB back{SizeOf(live)}, or start from empty logs with --fresh")
            : null;

    private static string SizeOf(KubeObject claim) => Storage(claim) is { } size ? $" (the claim has {(string?)size})" : "";

    private static List<FieldDifference> FixedFields(KubeObject wanted, KubeObject live, IReadOnlyList<FieldDifference> differences)
    {
        var names = Immutable.GetValueOrDefault(wanted.Kind) ?? [];
        return [.. differences.Where(difference => names.Any(name => IsBelow(difference.Path, name)) && !IsGrowth(wanted, live, difference))];
    }

    internal static bool IsBelow(string path, string name) =>
        path == name || path.StartsWith(name + ".", StringComparison.Ordinal) || path.StartsWith(name + "[", StringComparison.Ordinal);

    private static bool IsGrowth(KubeObject wanted, KubeObject live, FieldDifference difference) =>
        difference.Path == "spec.resources.requests.storage"
        && Storage(wanted) is { } size && Storage(live) is { } present && ObjectComparison.Quantity(size) > ObjectComparison.Quantity(present);

    private static JsonNode? Storage(KubeObject claim) => claim.Content["spec"]?["resources"]?["requests"]?["storage"];

    internal static string ReasonOf(KubeObject wanted, IReadOnlyList<FieldDifference> differences) => wanted.Kind switch
    {
        "PersistentVolumeClaim" when differences.All(difference => difference.Path.EndsWith(Naming.LogCodeAnnotation, StringComparison.Ordinal)) =>
            "which code records its logs is written down",
        "Secret" => "what it holds has changed",
        "StatefulSet" when differences.Any(difference => IsBelow(difference.Path, "spec.template")) => "differs from the configuration; its pod is replaced",
        _ => "differs from the configuration",
    };

    /// <summary>The image that ran before the present one is written down, so that one can go back to it; one that never became ready is not.</summary>
    private static KubeObject WithPreviousImage(DeploymentSpec spec, KubeObject wanted, KubeObject live)
    {
        var running = ImageOf(live) is { } image ? Images.PullName.OnNodes(spec.Settings, image) : null; // another name makes no other image
        var previous = running is null || running == ImageOf(wanted) || spec.Image is null || RolloutState.IsPending(live.As<V1StatefulSet>()) ? live.Annotation(Naming.PreviousImageAnnotation) : running;
        return wanted.WithAnnotation(Naming.PreviousImageAnnotation, previous);
    }

    /// <summary>The image of a StatefulSet's one container.</summary>
    public static string? ImageOf(KubeObject statefulSet)
    {
        ArgumentNullException.ThrowIfNull(statefulSet);
        return (string?)ContainerCode.ContainerOf(statefulSet.Content["spec"])?["image"];
    }

    private static IEnumerable<PlannedObject> Erasures(IEnumerable<KubeObject> wanted, ObservedObjects observed) => wanted
        .Where(item => item.Kind == "PersistentVolumeClaim" && observed.Find(item) is not null)
        .Select(item => new PlannedObject(item, item, ObjectAction.EraseLogs, "--fresh: its folder on the share is emptied"));

    private static PlannedObject Leftover(KubeObject live) => live.Kind is "PersistentVolumeClaim" or "PersistentVolume"
        ? new PlannedObject(null, live, ObjectAction.Unchanged, "kept: logs of an instance that is configured no more (Clean --scope=logs empties)")
        : new PlannedObject(null, live, ObjectAction.Delete, "configured no more");

    private static string? ClaimNamespace(KubeObject volume) => (string?)volume.Content["spec"]?["claimRef"]?["namespace"];
}
