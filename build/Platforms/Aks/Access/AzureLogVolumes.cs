using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>Logs on Azure: one share for all instances, or a managed disk each.</summary>
public sealed class AzureLogVolumes(IAzureSession session, ISettingsProvider provider, ISecretMask mask) : ILogVolumeSource
{
    /// <summary>The class of premium SSDs that every AKS cluster has: https://learn.microsoft.com/azure/aks/concepts-storage#storage-classes.</summary>
    public const string PremiumDisks = "managed-csi-premium";

    private BuildSettings Settings => provider.Settings;

    public async Task<LogVolumes> GetAsync(CancellationToken cancellation)
    {
        var azure = Settings.Azure!;
        if (azure.Storage.Kind == "disk")
            return new LogVolumes.Claims(Settings.Kubernetes.StorageClass ?? PremiumDisks, Settings.Kubernetes.LogSizeGiB);
        var cloud = await session.GetCloudAsync(cancellation);
        return new LogVolumes.AzureFileShare(
            azure.ResourceGroup, azure.Storage.Account, azure.Storage.Share, azure.Storage.QuotaGiB, $"{azure.Storage.Account}.{cloud.FileSuffix}");
    }

    public async Task<string?> ShareKeyAsync(CancellationToken cancellation)
    {
        var azure = Settings.Azure!;
        if (azure.Storage.Kind == "disk")
            return null;
        var answer = await session.Arm.PostAsync(new AzurePaths(azure).Account + "/listKeys", ApiVersions.Storage, null, cancellation)
            ?? throw new BuildException(
                ErrorCode.AzureRequestFailed, $"Storage account {azure.Storage.Account} does not exist, so there is no key of it.",
                remedy: "./build.sh --target=ProvisionStorage");
        foreach (var key in answer.Items("keys"))
        {
            if (key.Text("value") is { } value)
                mask.Add(value); // both keys, before anything can speak of them
        }

        return answer.Items("keys").Select(key => key.Text("value")).FirstOrDefault(value => value is not null)
            ?? throw new BuildException(
                ErrorCode.AzureForbidden, $"Storage account {azure.Storage.Account} gives no key.", "it, or a policy, forbids shared keys",
                "allow shared keys on the account, or set azure.storage.kind to disk, which needs none");
    }
}
