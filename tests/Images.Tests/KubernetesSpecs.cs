using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;

namespace Ambrosia.Images.Tests;

/// <summary>Deployments whose containers are run here, by docker instead of a kubelet.</summary>
internal static class KubernetesSpecs
{
    public static InstanceSettings Server { get; } =
        new("perftestserver", ["Server", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", "perftestclient", "-s", "perftestserver", "-n", "1", "-c"], 21500, 21001, 21002, 1, 16);

    public static InstanceSettings Job { get; } =
        new("perftestclient", ["Job", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", "perftestclient", "-s", "perftestserver", "-n", "{rounds}", "-c"], 22500, 22001, 22002, 1, 1024);

    /// <summary>On Microsoft's runtime.</summary>
    public static DeploymentSpec Original(string image, string connection, params InstanceSettings[] instances) => new(
        Settings(RuntimeKind.Ambrosia, instances), new ContainerImage(image, IsPublic: true, IsOnNodes: false), new LogVolumes.Claims(null, 1), null, null, connection);

    /// <summary>On our own.</summary>
    /// <param name="onShare">True: a lease keeps the logs; false: the kernel's lock.</param>
    public static DeploymentSpec Own(string image, bool onShare, params InstanceSettings[] instances) => new(
        Settings(RuntimeKind.Own, instances), new ContainerImage(image, IsPublic: false, IsOnNodes: false),
        onShare ? new LogVolumes.AzureFileShare("group", "account", "share", 1, "server.invalid") : new LogVolumes.Claims(null, 1), null, null, null);

    private static BuildSettings Settings(RuntimeKind runtime, IReadOnlyList<InstanceSettings> instances) => new()
    {
        Platform = PlatformKind.Kubernetes,
        PlatformReason = "a test",
        ServiceName = "perftest",
        LogDirectory = "/ambrosia_logs",
        Runtime = runtime,
        Instances = instances,
        Verify = new VerifySettings { Kind = VerifyKind.None, Rounds = 3, RoundBytes = 1 << 20, MaxMessageBytes = 65536, Deadline = TimeSpan.FromMinutes(1) },
        Images = new ImageSettings("app", "app/Dockerfile", SuiteOptions.NativePlatform, null, null),
        Kubernetes = new KubernetesSettings("context", null, "ambrosia", null, 1, null, null, null, "pull", "share"),
    };
}
