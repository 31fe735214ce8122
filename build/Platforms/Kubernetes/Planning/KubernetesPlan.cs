using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>What a deployment would do to the objects of a cluster.</summary>
public sealed record KubernetesPlan(DeploymentSpec Spec, IReadOnlyList<PlannedObject> Objects)
{
    public IEnumerable<PlannedObject> Conflicts => Of(ObjectAction.Conflict);

    public bool HasChanges => Objects.Any(planned => planned.Action is not ObjectAction.Unchanged and not ObjectAction.Conflict);

    public IReadOnlyList<PlannedChange> Changes => [.. Objects.Select(planned => planned.ToChange())];

    public IEnumerable<PlannedObject> Of(params ObjectAction[] actions) => Objects.Where(planned => actions.Contains(planned.Action));

    /// <summary>The StatefulSets that are wanted, changed or not.</summary>
    public IEnumerable<PlannedObject> Workloads => Objects.Where(planned => planned.Wanted is { Kind: "StatefulSet" });

    /// <summary>
    /// True when a pod may still hold a mount with an older key: a mount keeps the key with which it was made, so all instances on the share are
    /// stopped together (kubernetes-sigs/azurefile-csi-driver#802).
    /// </summary>
    public bool ShareKeyChanged => Spec.IsOnShare && Workloads.Any(
        workload => workload.Differences.Any(difference => difference.Path.EndsWith(Naming.ShareKeyAnnotation, StringComparison.Ordinal)));
}
