using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

/// <summary>Deployments to make manifests of.</summary>
internal static class Specs
{
    public const string ShareKey = "c2VudGluZWwtc3RvcmFnZS1rZXk=";
    public const string Connection = "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VudGluZWwtY29ubmVjdGlvbg==";
    public const string Password = "sentinel-registry-password";

    public static ContainerImage Image { get; } = new("registry.invalid/perftest@sha256:" + new string('a', 64), IsPublic: false, IsOnNodes: false);

    public static BuildSettings Settings { get; } = TestSettings.PerformanceTest with
    {
        Platform = PlatformKind.Kubernetes,
        Kubernetes = TestSettings.PerformanceTest.Kubernetes with { Context = "kind-kind", Namespace = "ambrosia" },
    };

    public static LogVolumes.AzureFileShare Share { get; } = new("group", "account", "ambrosia-logs-smbshare", 80, "account.file.core.windows.net");

    /// <summary>A claim an instance, and a registry that needs no login.</summary>
    public static DeploymentSpec Claims { get; } = new(Settings, Image, new LogVolumes.Claims("standard", 16), null, null, null);

    /// <summary>One share for all, and a registry that needs a login.</summary>
    public static DeploymentSpec OnShare { get; } =
        new(Settings, Image, Share, ShareKey, new RegistryLogin("registry.invalid", "puller", Password), null);

    /// <summary>Microsoft's runtime from its published image.</summary>
    public static DeploymentSpec Original { get; } = new(
        Settings with { Runtime = RuntimeKind.Ambrosia, Images = Settings.Images with { Public = "ambrosia/ambrosia-perftest" } },
        new ContainerImage("ambrosia/ambrosia-perftest", IsPublic: true, IsOnNodes: false), Share, ShareKey, null, Connection);
}
