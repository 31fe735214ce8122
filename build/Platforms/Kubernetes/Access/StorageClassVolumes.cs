using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Access;

/// <summary>A PersistentVolumeClaim an instance, of the configured storage class. There is no key.</summary>
public sealed class StorageClassVolumes(ISettingsProvider settings) : ILogVolumeSource
{
    public Task<LogVolumes> GetAsync(CancellationToken cancellation)
    {
        var kubernetes = settings.Settings.Kubernetes;
        return Task.FromResult<LogVolumes>(new LogVolumes.Claims(kubernetes.StorageClass, kubernetes.LogSizeGiB));
    }

    public Task<string?> ShareKeyAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);
}
