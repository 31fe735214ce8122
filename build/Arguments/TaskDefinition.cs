namespace Ambrosia.Build.Arguments;

/// <summary>What the command line can know of a task without making one.</summary>
/// <param name="Dependencies">The names of the tasks that run before it.</param>
public sealed record TaskDefinition(
    string Name, string Description, IReadOnlyList<ArgumentDefinition> Arguments, IReadOnlyList<string> Dependencies);
