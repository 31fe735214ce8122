using System.Globalization;
using Ambrosia.Build.Settings;

namespace Ambrosia.Kubernetes.Tests.Deploying;

internal static class SampleSettings
{
    public static BuildSettings Hello { get; } = new()
    {
        Platform = PlatformKind.Kubernetes,
        PlatformReason = "platform in AmbrosiaAKSConf.json",
        ServiceName = "hello",
        LogDirectory = "/ambrosia_logs",
        Runtime = RuntimeKind.Own,
        Instances = [Instance("helloServer", "Server"), Instance("helloClient", "Job")],
        Verify = new VerifySettings
        {
            Kind = VerifyKind.PerformanceTest,
            Rounds = 6,
            RoundBytes = 64L << 20,
            MaxMessageBytes = 65536,
            Deadline = TimeSpan.FromMinutes(2),
        },
        Images = new ImageSettings("app", "app/Dockerfile", "linux/amd64", null, null),
        Kubernetes = new KubernetesSettings("emulator", null, "ambrosia", null, 1, "registry.invalid", null, null, "pull", "share"),
    };

    /// <summary>A server and many jobs.</summary>
    public static BuildSettings Of(int instances) => Hello with
    {
        Instances = [.. Enumerable.Range(0, instances).Select(i => Instance(string.Create(CultureInfo.InvariantCulture, $"hello{i:000}"), "Server"))],
    };

    public static InstanceSettings Instance(string name, string program) =>
        new(name, [program, "--sp", "{receivePort}", "--rp", "{sendPort}"], 21500, 21001, 21002, 1, 256);
}
