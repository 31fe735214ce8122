using Ambrosia.Build.Arguments;

namespace Ambrosia.Build.Tests.Arguments;

/// <summary>A small pipeline with one argument of each kind.</summary>
internal static class SampleCatalogue
{
    public static TaskCatalogue Create() => new(
    [
        Task("Clean", "Removes what was made", [Argument("scope", "what to remove", allowed: ["all", "most", "logs"])]) with { Alone = Alone },
        Task("Default", "All of it", [], "Verify"),
        Task("Verify", "Judges the result", [], "Deploy"),
        Task("Deploy", "Starts the instances", [Argument("resume", "go on with the last run's logs")], "Configure"),
        Task("Configure", "Reads the settings", []),
        Task(
            "Immortality",
            "Kills the instances",
            [Argument("kills", "how many kills", ArgumentDefinition.Number, "6"), Argument("filter", "which | ones", "TEXT")],
            "Configure"),
        Task("Help", "Prints this", []),
    ]);

    /// <summary>What the sample's Clean says of why it runs alone.</summary>
    public const string Alone = "removes what the others make";

    private static TaskDefinition Task(string name, string description, ArgumentDefinition[] arguments, params string[] dependencies) =>
        new(name, description, arguments, dependencies);

    private static ArgumentDefinition Argument(
        string name, string description, string? value = null, string? preset = null, string[]? allowed = null) =>
        new(name, description, value ?? (allowed is null ? null : "VALUE"), allowed ?? [], preset, []);
}
