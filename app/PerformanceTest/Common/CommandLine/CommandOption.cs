namespace Ambrosia.PerformanceTest.CommandLine;

/// <summary>One option of a command line.</summary>
/// <param name="Short">The short name, without dashes.</param>
/// <param name="Long">The long name, without dashes.</param>
/// <param name="ValueName">What its value is called in the help; null for a switch.</param>
/// <param name="Description">One line for the help.</param>
public sealed record CommandOption(string Short, string Long, string? ValueName, string Description)
{
    public bool IsRequired { get; init; }

    public bool IsNamed(string name) => name == Short || string.Equals(name, Long, StringComparison.OrdinalIgnoreCase);
}
