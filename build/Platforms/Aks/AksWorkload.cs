using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Planning;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>What lies in the cluster and in the registry: the same parts as on every cluster, with Azure's roles.</summary>
public sealed record AksWorkload(ImageRegistry Images, DeploymentPlanner Planner, KubernetesCluster Cluster, IWorkloadCleaner Cleaner);
