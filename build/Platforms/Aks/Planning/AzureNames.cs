using System.Security.Cryptography;
using System.Text;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>Names and ARM ids of everything of one deployment. Pure.</summary>
public sealed class AzureNames
{
    /// <summary>Role AcrPull, the same GUID everywhere: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles</summary>
    public const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

    /// <summary>A registry token's name has 5 to 50 letters, digits and hyphens.</summary>
    private const int LongestToken = 50;

    public AzureNames(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Azure = settings.Azure ?? throw new ArgumentException("There are no settings for Azure.", nameof(settings));
        Paths = new AzurePaths(Azure);
        ServiceName = settings.ServiceName;
        UsesRegistry = settings.Images.Public is null;
        UsesShare = Azure.Storage.Kind != StorageKinds.Disk;
    }

    public AzureSettings Azure { get; }

    public string ServiceName { get; }

    /// <summary>False with a public image.</summary>
    public bool UsesRegistry { get; }

    /// <summary>False where logs lie on disks.</summary>
    public bool UsesShare { get; }

    public string Subscription => Azure.Subscription;

    public AzurePaths Paths { get; }

    public string RegistryId => Paths.Registry;

    /// <summary>The registry's repository that the service's image lies in.</summary>
    public string Repository => ServiceName;

    public string TokenName
    {
        get
        {
            const string ending = "-pull";
            if (ServiceName.Length + ending.Length <= LongestToken)
                return ServiceName + ending;
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ServiceName)).AsSpan(0, 4));
            return $"{ServiceName[..(LongestToken - ending.Length - hash.Length - 1)]}-{hash}{ending}";
        }
    }

    public string ServicePrincipalName => Azure.Registry.ServicePrincipalName ?? $"{ServiceName}-pull";

    /// <summary>The tags that everything of this deployment carries; others are left alone.</summary>
    public IReadOnlyDictionary<string, string> Tags => new Dictionary<string, string>(Azure.Tags) { [ObservedResource.OwnerTag] = ServiceName };

    /// <summary>The REST API in which a resource's state is read.</summary>
    internal static string ApiVersionOf(AzurePart part) => part switch
    {
        AzurePart.Group => ApiVersions.Resources,
        AzurePart.StorageAccount or AzurePart.Share => ApiVersions.Storage,
        AzurePart.Registry => ApiVersions.Registry,
        AzurePart.Cluster => ApiVersions.Containers,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    public string IdOf(AzurePart part) => part switch
    {
        AzurePart.Group => Paths.Group,
        AzurePart.StorageAccount => Paths.Account,
        AzurePart.Share => Paths.Share,
        AzurePart.Registry => Paths.Registry,
        AzurePart.Cluster => Paths.Cluster,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    /// <summary>For a person: "storage account hellostorage".</summary>
    public string Describe(AzurePart part) => part switch
    {
        AzurePart.Group => $"resource group {Azure.ResourceGroup}",
        AzurePart.StorageAccount => $"storage account {Azure.Storage.Account}",
        AzurePart.Share => $"file share {Azure.Storage.Share}",
        AzurePart.Registry => $"registry {Azure.Registry.Name}",
        AzurePart.Cluster => $"cluster {Azure.Cluster.Name}",
        AzurePart.PullAccess => Azure.Registry.Auth switch
        {
            RegistryAuth.Token => $"registry token {TokenName}",
            RegistryAuth.ServicePrincipal => $"AcrPull of service principal {ServicePrincipalName} on {Azure.Registry.Name}",
            _ => $"AcrPull of cluster {Azure.Cluster.Name} on {Azure.Registry.Name}",
        },
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };
}
