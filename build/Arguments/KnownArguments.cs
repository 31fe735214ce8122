namespace Ambrosia.Build.Arguments;

/// <summary>What every target understands: the suite's own arguments, and Cake's switches.</summary>
public static class KnownArguments
{
    public const string Working = "working";

    public static IReadOnlyList<ArgumentDefinition> Suite { get; } =
    [
        new("platform", "where the service runs", "NAME", ["local", "kubernetes", "aks"], "the configuration's, else local", []),
        new("config", "the configuration file", ArgumentDefinition.Path, [], "AmbrosiaAKSConf.json, where it exists", []),
        new("yes", "do not ask before something is made or removed in a cloud or cluster", null, [], null, ["y"]),
    ];

    public static IReadOnlyList<ArgumentDefinition> Cake { get; } =
    [
        new("target", "what to run; can be given again, and the bare name does too", "NAME", [], TaskCatalogue.DefaultTarget, ["t"]),
        new("exclusive", "only the target, without what it depends on", null, [], null, ["e"]),
        new("dryrun", "print the tasks that would run", null, [], null, ["noop", "whatif"]),
        new("tree", "print which task depends on which", null, [], null, ["showtree"]),
        new("description", "print the tasks with their descriptions", null, [], null, ["descriptions", "showdescription", "showdescriptions"]),
        new(
            "verbosity",
            "how much is printed",
            "LEVEL",
            ["quiet", "minimal", "normal", "verbose", "diagnostic", "q", "m", "n", "v", "d"],
            "normal",
            ["v"]),
        new(Working, "the working directory of the run", ArgumentDefinition.Path, [], "the checkout", ["w"]),
        new("version", "print the version", null, [], null, ["ver"]),
        new("info", "print the version and more about Cake", null, [], null, []),
        new("help", "print this", null, [], null, ["h"]),
    ];
}
