namespace Ambrosia.Build.Platforms.Contracts;

/// <summary>What the logs of the instances lie on, for the cluster's manifests.</summary>
public abstract record LogVolumes
{
    /// <summary>A dynamic PersistentVolumeClaim an instance. One writer by <c>flock</c>: the volume is attached to one node.</summary>
    /// <param name="StorageClass">Null: the cluster's default.</param>
    /// <param name="SizeGiB">Size of each claim in GiB.</param>
    public sealed record Claims(string? StorageClass, int SizeGiB) : LogVolumes;

    /// <summary>A static PersistentVolume an instance on one Azure Files share, a folder each. One writer by lease.</summary>
    /// <param name="SizeGiB">The share's quota in GiB.</param>
    public sealed record AzureFileShare(string ResourceGroup, string Account, string Share, int SizeGiB, string Server) : LogVolumes;
}

/// <summary>Gives the volumes, and the key of the share where there is one.</summary>
public interface ILogVolumeSource
{
    Task<LogVolumes> GetAsync(CancellationToken cancellation);

    /// <summary>The storage account's key, for the Secret; null where none is needed. It is a secret: never printed, never stored in a file.</summary>
    Task<string?> ShareKeyAsync(CancellationToken cancellation);
}
