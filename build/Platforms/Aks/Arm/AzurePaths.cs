using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Where the resources of a deployment are, below the resource manager.</summary>
public sealed class AzurePaths(AzureSettings settings)
{
    public string Subscription => $"/subscriptions/{settings.Subscription}";

    public string Group => $"{Subscription}/resourceGroups/{settings.ResourceGroup}";

    public string Account => $"{Group}/providers/Microsoft.Storage/storageAccounts/{settings.Storage.Account}";

    public string Share => $"{Account}/fileServices/default/shares/{settings.Storage.Share}";

    public string Registry => $"{Group}/providers/Microsoft.ContainerRegistry/registries/{settings.Registry.Name}";

    public string Cluster => $"{Group}/providers/Microsoft.ContainerService/managedClusters/{settings.Cluster.Name}";

    public string Provider(string name) => $"{Subscription}/providers/{name}";
}
