namespace Ambrosia.Build.Arguments;

/// <summary>What the command line can know of a task without making one.</summary>
/// <param name="Dependencies">The names of the tasks that run before it.</param>
/// <param name="Alone">Why it cannot be one of several targets; null where it can.</param>
public sealed record TaskDefinition(
    string Name, string Description, IReadOnlyList<ArgumentDefinition> Arguments, IReadOnlyList<string> Dependencies,
    string? Alone = null);
