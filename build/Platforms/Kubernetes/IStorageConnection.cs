namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>Where Microsoft's runtime keeps its metadata: an Azure storage account.</summary>
public interface IStorageConnection
{
    /// <summary>The account's connection string; null while it is not known. It is a secret: never printed, never stored in a file.</summary>
    Task<string?> GetConnectionStringAsync(CancellationToken cancellation);

    /// <summary>What a person does where it is not known.</summary>
    string Remedy { get; }
}
