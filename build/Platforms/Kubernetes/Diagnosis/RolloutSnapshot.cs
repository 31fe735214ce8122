using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Everything that a diagnosis looks at, seen at one moment.</summary>
/// <param name="Access">For the commands that a person is told.</param>
/// <param name="Objects">StatefulSets, pods and claims of the deployment, and the nodes where they may be read.</param>
/// <param name="Events">Of the namespace; they carry no labels.</param>
/// <param name="LastLines">The end of each pod's output, by pod; of the former container where the present one has not started.</param>
/// <param name="Now">The moment by the cluster's clock, for what is overdue.</param>
/// <param name="Since">When the wait began, by the cluster's clock: what happened to a StatefulSet before is no news.</param>
public sealed record RolloutSnapshot(
    ClusterAccess Access, ClusterObjects Objects, ClusterObjects Events, IReadOnlyDictionary<string, IReadOnlyList<string>> LastLines, DateTimeOffset Now,
    DateTimeOffset Since);
