using Ambrosia.Build.Settings;
using NSubstitute;

namespace Ambrosia.Build.Tests.Platforms.Aks;

/// <summary>Settings of a deployment named hello on Azure.</summary>
internal static class AksSettings
{
    public const string Subscription = "22222222-2222-2222-2222-222222222222";

    public const string Group = $"/subscriptions/{Subscription}/resourceGroups/hello-group";

    public const string Account = $"{Group}/providers/Microsoft.Storage/storageAccounts/hellostorage";

    public const string Registry = $"{Group}/providers/Microsoft.ContainerRegistry/registries/helloregistry";

    public const string Cluster = $"{Group}/providers/Microsoft.ContainerService/managedClusters/hello-cluster";

    private const string Text =
        """
        {
          "platform": "aks",
          "serviceName": "hello",
          "azure": {
            "subscription": "22222222-2222-2222-2222-222222222222",
            "resourceGroup": "hello-group",
            "storage": { "account": "hellostorage" },
            "registry": { "name": "helloregistry" },
            "cluster": { "name": "hello-cluster" }
          }
        }
        """;

    public static BuildSettings Load { get; } = Settings.Load.Text(Text);

    public static ISettingsProvider Provider(Func<BuildSettings, BuildSettings>? change = null)
    {
        var provider = Substitute.For<ISettingsProvider>();
        var settings = change?.Invoke(Load) ?? Load;
        provider.Settings.Returns(settings);
        return provider;
    }

    public static BuildSettings WithDisk(this BuildSettings settings) =>
        settings with { Azure = settings.Azure! with { Storage = settings.Azure.Storage with { Kind = "disk" } } };

    public static BuildSettings WithPublicImage(this BuildSettings settings) =>
        settings with { Images = settings.Images with { Public = "ambrosia/ambrosia-perftest" } };
}
