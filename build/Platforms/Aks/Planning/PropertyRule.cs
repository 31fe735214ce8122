using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>One property of one kind of resource: what it should be, what it is, and what happens when the two differ.</summary>
/// <param name="Property">Its name for a person; where one sets it, the key of the configuration.</param>
/// <param name="Wanted">Null: any value will do.</param>
/// <param name="Observed">Null: Azure does not tell (yet).</param>
internal sealed record PropertyRule<T>(string Property, Func<AzureNames, string?> Wanted, Func<AzureNames, T, string?> Observed)
{
    /// <summary>Why it cannot be changed from the first value to the second in place; null where it can.</summary>
    public Func<string, string, string?> Obstacle { get; init; } = (_, _) => null;

    /// <summary>What to do about an obstacle.</summary>
    public Func<AzureNames, string>? Remedy { get; init; }

    /// <summary>Options of the resource's update command that set it.</summary>
    public Func<AzureNames, IReadOnlyList<string>> Options { get; init; } = _ => [];

    /// <summary>A command of its own, where the resource's update command does not set it.</summary>
    public Func<AzureNames, T, AzCommand>? Command { get; init; }

    /// <summary>A value that Azure does not tell is no difference.</summary>
    public bool SkipUnknown { get; init; }

    /// <summary>Azure's names and values differ in case between its own answers.</summary>
    public StringComparison Comparison { get; init; } = StringComparison.OrdinalIgnoreCase;

    /// <summary>The difference, or null where there is none.</summary>
    public PropertyChange? Compare(AzureNames names, T observed, bool isUnsettled)
    {
        var wanted = Wanted(names);
        var actual = Observed(names, observed);
        if (wanted is null || string.Equals(wanted, actual, Comparison) || (actual is null && (SkipUnknown || isUnsettled)))
            return null;
        return new PropertyChange(Property, actual, wanted);
    }
}
