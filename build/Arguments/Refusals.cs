using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Arguments;

/// <summary>The words in which a command line is refused: what was typed, what was probably meant, what there is.</summary>
internal static class Refusals
{
    private static readonly string[] CakeSettings = ["settings_", "paths_", "nuget_", "roslyn_"];

    public static BuildException UnknownTarget(string typed, TaskCatalogue catalogue)
    {
        var nearest = NearestName.Of(typed, catalogue.Tasks.Select(task => task.Name));
        return new BuildException(ErrorCode.UnknownTarget, $"There is no target \"{typed}\".{Guess(nearest)}", remedy: TargetList(catalogue));
    }

    public static BuildException UnknownWord(string typed, TaskCatalogue catalogue, IEnumerable<ArgumentDefinition> known)
    {
        var name = typed.Split('=', 2)[0];
        return typed.Contains('=', StringComparison.Ordinal) && known.Any(argument => argument.IsCalled(name))
            ? new BuildException(ErrorCode.UnknownArgument, $"There is no argument \"{typed}\".{Guess($"--{typed}")}")
            : UnknownTarget(typed, catalogue);
    }

    public static BuildException UnknownArgument(string typed, string? nearest, IEnumerable<ArgumentDefinition> known)
    {
        var name = typed.Split('=', 2)[0];
        var remedy = CakeSettings.Any(prefix => name.TrimStart('-').StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            ? "Cake's settings belong into cake.config."
            : $"arguments: {string.Join(", ", known.Select(argument => argument.Name).Order(StringComparer.Ordinal))}; --help tells more.";
        return new BuildException(
            ErrorCode.UnknownArgument, $"There is no argument \"{name}\".{Guess(nearest is null ? null : $"--{nearest}")}", remedy: remedy);
    }

    public static BuildException UnreadArgument(ArgumentDefinition definition, IEnumerable<string> targets, TaskCatalogue catalogue)
    {
        var readers = catalogue.Tasks.Where(task => task.Arguments.Any(argument => argument.IsCalled(definition.Name))).Select(task => task.Name);
        return new BuildException(
            ErrorCode.UnknownArgument,
            $"--{definition.Name} means nothing to {string.Join(", ", targets)}.",
            remedy: $"leave it out, or run {string.Join(" or ", readers)}, which reads it.");
    }

    public static BuildException NotAlone(TaskDefinition task, IEnumerable<string> others) => new(
        ErrorCode.InvalidArgumentValue,
        $"{task.Name} cannot run together with {string.Join(", ", others)}: it {task.Alone}.",
        remedy: $"run {task.Name} first, by itself, and then the others.");

    public static BuildException MissingValue(ArgumentDefinition definition) => new(
        ErrorCode.InvalidArgumentValue, $"--{definition.Name} needs a value.", remedy: $"{definition.Usage} ({definition.Description})");

    public static BuildException InvalidValue(ArgumentDefinition definition, string value, string why) => new(
        ErrorCode.InvalidArgumentValue,
        $"--{definition.Name} cannot be \"{value}\".{Guess(NearestName.Of(value, definition.Allowed))}",
        cause: why);

    private static string Guess(string? name) => name is null ? string.Empty : $" Did you mean \"{name}\"?";

    private static string TargetList(TaskCatalogue catalogue) =>
        $"targets: {string.Join(", ", catalogue.Tasks.Select(task => task.Name))}";
}
