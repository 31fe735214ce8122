using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Settings;

/// <summary>Short ways to load settings from a text.</summary>
internal static class Load
{
    public const string File = "/conf/AmbrosiaAKSConf.json";

    public static BuildSettings Text(string text, string? platform = null, params (string Name, string? Value)[] environment) =>
        SettingsLoader.Load(new SettingsSource(File, text, platform, environment.ToDictionary(pair => pair.Name, pair => pair.Value)));

    public static BuildSettings Nothing(string? platform = null, params (string Name, string? Value)[] environment) =>
        SettingsLoader.Load(new SettingsSource(null, null, platform, environment.ToDictionary(pair => pair.Name, pair => pair.Value)));

    public static BuildException Failure(Func<BuildSettings> load) => Assert.Throws<BuildException>(() => load())!;

    /// <summary>The problems found in a text, one a line, without the file's name.</summary>
    public static string[] Problems(string text, string? platform = null, params (string Name, string? Value)[] environment) =>
        [.. Failure(() => Text(text, platform, environment)).Message.Split('\n').Skip(1).Select(line => line.Trim().Replace(File + ":", "", StringComparison.Ordinal))];
}
