using System.Text.Json.Nodes;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>What of a deployment a scope of Clean removes, in the order in which it is removed. Pure.</summary>
/// <param name="Workloads">First of all: while they are there, pods come back and write logs.</param>
/// <param name="Pods">Awaited after the workloads; those without one, such as of a clean-up that was cut off, are deleted.</param>
/// <param name="Volumes">Claims, and volumes that we made.</param>
/// <param name="Others">Services, Secrets, and whatever else carries our label.</param>
/// <param name="Shares">Instances whose folder on a share is emptied while its claim stays.</param>
public sealed record CleanSelection(
    IReadOnlyList<KubeObject> Workloads, IReadOnlyList<KubeObject> Pods, IReadOnlyList<KubeObject> Volumes, IReadOnlyList<KubeObject> Others,
    IReadOnlyList<LogFolder> Shares)
{
    private const string Step = "Clean";

    /// <summary>With their namespace. PersistentVolumes have none, so they are asked for as well.</summary>
    public static readonly IReadOnlyList<string> Kinds =
        ["statefulsets", "pods", "services", "secrets", "persistentvolumeclaims", "persistentvolumes"];

    public IEnumerable<KubeObject> All => [.. Workloads, .. Pods, .. Others, .. Volumes];

    public bool IsEmpty => !All.Any() && Shares.Count == 0;

    /// <param name="labelled">Everything that carries the label, as the cluster shows it.</param>
    /// <param name="ownNamespace">A PersistentVolume of another namespace's deployment of the same name is not ours.</param>
    /// <param name="keepsShares">Folders on a share are left alone: whoever asks empties the share by other means.</param>
    public static CleanSelection Of(CleanScope scope, IEnumerable<KubeObject> labelled, string ownNamespace, bool keepsShares = false)
    {
        var ours = labelled.Where(item => IsIn(item, ownNamespace)).ToList();
        List<KubeObject> OfKind(params string[] kinds) => ours.FindAll(item => kinds.Contains(item.Kind));
        var workloads = OfKind("StatefulSet");
        var pods = OfKind("Pod");
        var claims = OfKind("PersistentVolumeClaim");
        return scope switch
        {
            CleanScope.Auth => new([], [], [], OfKind("Secret"), []),
            CleanScope.Logs => new(
                workloads, pods, claims.FindAll(claim => !IsOnShare(claim)), [],
                [
                    .. claims.Where(claim => !keepsShares && IsOnShare(claim) && claim.Label(Naming.InstanceLabel) is not null)
                        .Select(claim => new LogFolder(claim.Label(Naming.DeploymentLabel)!, claim.Label(Naming.InstanceLabel)!)),
                ]),
            _ => new(
                workloads, pods, [.. claims, .. OfKind("PersistentVolume")],
                ours.FindAll(item => item.Kind is not "StatefulSet" and not "Pod" and not "PersistentVolumeClaim" and not "PersistentVolume"), []),
        };
    }

    public IReadOnlyList<PlannedChange> ToChanges(string ownNamespace) =>
    [
        .. All.Select(item => new PlannedChange(Step, item.Title, ChangeKind.Delete, $"made by this deployment{(item.Kind == "PersistentVolume" ? "" : $", in namespace {ownNamespace}")}")),
        .. Shares.Select(folder => new PlannedChange(Step, $"logs of {folder.Instance}", ChangeKind.Delete, "its folder on the share is emptied")),
    ];

    /// <summary>A claim that names its volume and no class was made for a share; a provisioner's claim names a class or takes the default.</summary>
    public static bool IsOnShare(KubeObject claim) =>
        (string?)claim.Content["spec"]?["storageClassName"] == "" && (string?)claim.Content["spec"]?["volumeName"] is { Length: > 0 };

    private static bool IsIn(KubeObject item, string ownNamespace)
    {
        var place = item.Kind == "PersistentVolume"
            ? (string?)item.Content["spec"]?["claimRef"]?["namespace"]
            : (string?)((JsonObject)item.Content["metadata"]!)["namespace"];
        return place == ownNamespace;
    }
}
