using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>For Microsoft's runtime: the connection string of the log share's own account; with logs on disks, the one in the environment.</summary>
public sealed class AzureStorageConnection(
    ISettingsProvider settings, IAzureSession session, AzureLogVolumes volumes, EnvironmentStorageConnection given, ISecretMask mask) : IStorageConnection
{
    public string Remedy => $"./build.sh --target=ProvisionStorage, or with azure.storage.kind disk: {given.Remedy}";

    public async Task<string?> GetConnectionStringAsync(CancellationToken cancellation)
    {
        if (await given.GetConnectionStringAsync(cancellation) is { } connection)
            return connection;
        var azure = settings.Settings.Azure!;
        if (await volumes.GetAsync(cancellation) is not LogVolumes.AzureFileShare
            || await session.Arm.GetAsync(new Arm.AzurePaths(azure).Account, Arm.ApiVersions.Storage, cancellation) is null
            || await volumes.ShareKeyAsync(cancellation) is not { } key)
        {
            return null;
        }

        // The cloud's suffix without the service's name: file.core.windows.net comes to core.windows.net.
        var suffix = (await session.GetCloudAsync(cancellation)).FileSuffix;
        suffix = suffix.StartsWith("file.", StringComparison.OrdinalIgnoreCase) ? suffix["file.".Length..] : suffix;
        var text = $"DefaultEndpointsProtocol=https;AccountName={azure.Storage.Account};AccountKey={key};EndpointSuffix={suffix}";
        mask.Add(text);
        return text;
    }
}
