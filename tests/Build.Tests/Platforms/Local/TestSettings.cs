using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Tests.Platforms.Local;

internal static class TestSettings
{
    public const string Server = "perftestserver";
    public const string Job = "perftestclient";

    public static BuildSettings PerformanceTest { get; } = new()
    {
        Platform = PlatformKind.Local,
        PlatformReason = "no AmbrosiaAKSConf.json",
        ServiceName = "perftest",
        LogDirectory = "/ambrosia_logs",
        Runtime = RuntimeKind.Own,
        Instances =
        [
            new InstanceSettings(Server, ["Server", "--sp", "{receivePort}", "--rp", "{sendPort}"], 21500, 21001, 21002, 1, 1024),
            new InstanceSettings(
                Job,
                ["Job", "--sp", "{receivePort}", "--rp", "{sendPort}", "--mms", "{maxMessageBytes}", "-n", "{rounds}", "--round-bytes", "{roundBytes}"],
                21500, 21001, 21002, 3, 512),
        ],
        Verify = new VerifySettings
        {
            Kind = VerifyKind.PerformanceTest,
            Rounds = 2,
            RoundBytes = 50L << 20,
            MaxMessageBytes = 65536,
            Deadline = TimeSpan.FromMinutes(1),
        },
        Images = new ImageSettings("app", "app/Dockerfile", "linux/amd64", null, null),
        Kubernetes = new KubernetesSettings(null, null, "default", null, 16, null, null, null, "pull", "share"),
    };

    public static BuildSettings With(Func<VerifySettings, VerifySettings> verify) =>
        PerformanceTest with { Verify = verify(PerformanceTest.Verify) };
}
