namespace Ambrosia.Build.Settings;

/// <summary>The performance test: a server that counts and a job that sends.</summary>
internal static class DefaultInstances
{
    public static readonly IReadOnlyList<InstanceSettings> All =
    [
        Of("perftestserver", ["Server", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", "perftestclient", "-s", "perftestserver", "-n", "1", "-c"]),
        Of(
            "perftestclient",
            [
                "Job", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", "perftestclient", "-s", "perftestserver",
                "--mms", "{maxMessageBytes}", "-n", "{rounds}", "--round-bytes", "{roundBytes}", "-c",
            ]),
    ];

    private static InstanceSettings Of(string name, IReadOnlyList<string> command)
    {
        var values = new SettingValues(SettingKeys.OfInstance);
        return new InstanceSettings(
            name,
            command,
            (int)values.Integer("ports.coordinator"),
            (int)values.Integer("ports.receive"),
            (int)values.Integer("ports.send"),
            (int)values.Integer("stateVersion"),
            (int)values.Integer("triggerSizeMiB"));
    }
}
