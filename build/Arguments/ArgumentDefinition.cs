namespace Ambrosia.Build.Arguments;

/// <summary>One argument or switch of the command line.</summary>
/// <param name="Value">The placeholder of its value; null for a flag.</param>
/// <param name="Allowed">The allowed values; empty where any will do.</param>
/// <param name="Aliases">Other names for it; one letter each goes with one dash.</param>
public sealed record ArgumentDefinition(
    string Name, string Description, string? Value, IReadOnlyList<string> Allowed, string? Default, IReadOnlyList<string> Aliases)
{
    /// <summary>A value that is a whole number.</summary>
    public const string Number = "N";

    /// <summary>A value that is a path, taken from the directory in which the command was typed.</summary>
    public const string Path = "PATH";

    /// <summary>For a whole number: the least that is accepted.</summary>
    public int Least { get; init; }

    /// <summary>For a whole number: the most that is accepted.</summary>
    public int Most { get; init; } = int.MaxValue;

    public static ArgumentDefinition Of(TaskArgumentAttribute attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        var value = attribute.Value ?? (attribute.Allowed.Length > 0 ? "VALUE" : null);
        return new ArgumentDefinition(attribute.Name, attribute.Description, value, attribute.Allowed, attribute.Default, [])
        {
            Least = attribute.Least,
            Most = attribute.Most,
        };
    }

    /// <summary>As it is typed: <c>--scope=all|most</c>, <c>--kills=N</c>, <c>--resume</c>.</summary>
    public string Usage => Value is null ? $"--{Name}" : $"--{Name}={(Allowed.Count > 0 ? string.Join('|', Allowed) : Value)}";

    public bool IsCalled(string name) =>
        string.Equals(Name, name, StringComparison.OrdinalIgnoreCase)
        || Aliases.Any(alias => string.Equals(alias, name, alias.Length == 1 ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase));
}
