using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;

namespace Ambrosia.Build.Tests.Platforms.Aks;

/// <summary>Settings for Azure, and an observation in which everything is as they say.</summary>
internal static class Deployed
{
    public const string Kubelet = "55555555-5555-5555-5555-555555555555";

    public static BuildSettings Default { get; } = TestSettings.PerformanceTest with
    {
        Platform = PlatformKind.Aks,
        PlatformReason = "platform in AmbrosiaAKSConf.json",
        Azure = new AzureSettings(
            "22222222-2222-2222-2222-222222222222", "eastus", "hello-group", new Dictionary<string, string> { ["cost-centre"] = "42" },
            new AzureStorageSettings("hellostorage", "ambrosia-logs", 80, "Standard_LRS", "Hot", "fileShare"),
            new AzureRegistrySettings("hellocontainerreg", "Standard", "managedIdentity", null),
            new AzureClusterSettings("hello-cluster", "Standard_D2s_v5", 2)),
    };

    public static BuildSettings With(Func<AzureSettings, AzureSettings> azure) => Default with { Azure = azure(Default.Azure!) };

    public static BuildSettings WithStorage(Func<AzureStorageSettings, AzureStorageSettings> storage) =>
        With(azure => azure with { Storage = storage(azure.Storage) });

    public static BuildSettings WithRegistry(Func<AzureRegistrySettings, AzureRegistrySettings> registry) =>
        With(azure => azure with { Registry = registry(azure.Registry) });

    public static BuildSettings WithCluster(Func<AzureClusterSettings, AzureClusterSettings> cluster) =>
        With(azure => azure with { Cluster = cluster(azure.Cluster) });

    public static BuildSettings WithAuth(string auth) => WithRegistry(registry => registry with { Auth = auth });

    /// <summary>As an earlier run with these settings has left it.</summary>
    public static AzureObservation Observed(BuildSettings? settings = null)
    {
        var names = new AzureNames(settings ?? Default);
        var azure = names.Azure;
        var storage = Resource(names, AzurePart.StorageAccount, azure.Storage.Account, "Microsoft.Storage/storageAccounts");
        var registry = Resource(names, AzurePart.Registry, azure.Registry.Name, "Microsoft.ContainerRegistry/registries");
        var cluster = Resource(names, AzurePart.Cluster, azure.Cluster.Name, "Microsoft.ContainerService/managedClusters");
        return new AzureObservation(
            Resource(names, AzurePart.Group, azure.ResourceGroup, "Microsoft.Resources/resourceGroups"),
            new ObservedStorage(
                storage, azure.Storage.Sku, AzureRules.AccountKind(azure.Storage.Sku), azure.Storage.AccessTier, "TLS1_2", HttpsOnly: true,
                AllowsPublicBlobs: false, AllowsSharedKey: true, "hellostorage.file.core.windows.net"),
            new ObservedShare(azure.Storage.Share, azure.Storage.QuotaGiB),
            new ObservedRegistry(registry, azure.Registry.Sku, AdminUserEnabled: false, "hellocontainerreg.azurecr.io"),
            new ObservedCluster(
                cluster, Kubelet, [new ObservedNodePool("nodepool1", azure.Cluster.VmSize, azure.Cluster.NodeCount, "System", "Succeeded")], "Running",
                NeedsKubelogin: false, IsPrivate: false, "hello.hcp.eastus.azmk8s.io", "MC_hello"),
            [storage, registry, cluster],
            [new ObservedRoleAssignment($"{names.RegistryId}/providers/Microsoft.Authorization/roleAssignments/a1", Kubelet, AzureNames.AcrPull, names.RegistryId)],
            [new ObservedRegistryToken(names.TokenName, "enabled")]);
    }

    public static ObservedResource Resource(AzureNames names, AzurePart part, string name, string type) =>
        new(names.IdOf(part), name, type, names.Azure.Location, names.Tags, "Succeeded");

    public static ObservedResource Foreign(this ObservedResource resource) => resource with { Tags = new Dictionary<string, string>() };
}
