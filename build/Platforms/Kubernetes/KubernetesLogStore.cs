using System.Globalization;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>Claims are objects of the cluster, and are made with the others.</summary>
public sealed class KubernetesLogStore(ILogVolumeSource volumes) : ILogStore
{
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) => new(await volumes.GetAsync(cancellation) switch
    {
        LogVolumes.Claims claims => string.Create(
            CultureInfo.InvariantCulture,
            $"not needed: Deploy claims {claims.SizeGiB} GiB an instance of {(claims.StorageClass is { } name ? $"storage class {name}" : "the default storage class")}"),
        _ => "not needed: the share exists",
    });
}
