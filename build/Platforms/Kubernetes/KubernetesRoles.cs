using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>What a platform with a cluster differs in; the rest is the same for every cluster.</summary>
public sealed record KubernetesRoles(
    IClusterAccess Access, IImageSource Images, ILogVolumeSource Volumes, IRegistryAccess Registry, IStorageConnection Connection);
