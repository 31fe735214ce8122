using System.Globalization;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Cli;

/// <summary>What was found out about a program.</summary>
/// <param name="Version">As the program names it; null where it did not.</param>
/// <param name="Failure">Why there is no version: it is missing, or failed.</param>
public sealed record ToolState(ToolRequirement Requirement, string? Version, BuildException? Failure)
{
    /// <summary>For a person: <c>kubectl 1.31.0</c>.</summary>
    public string Text => $"{Requirement.Name} {Version ?? "?"}";

    /// <summary>What a program says of itself.</summary>
    /// <param name="ask">Its version; null where it does not say.</param>
    public static async Task<ToolState> AskAsync(ToolRequirement requirement, Func<Task<string?>> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        try
        {
            return new ToolState(requirement, await ask(), null);
        }
        catch (BuildException exception)
        {
            return new ToolState(requirement, null, exception);
        }
    }

    /// <summary>Null where it will do.</summary>
    public BuildException? Problem()
    {
        if (Failure is not null)
            return Failure;
        if (ParseVersion(Version) is not { } version)
            return null; // a development build names itself as it likes
        return version >= Requirement.Minimum
            ? null
            : new BuildException(
                ErrorCode.ToolTooOld, $"{Requirement.Name} {Version} is too old: {Requirement.Minimum} is needed.", remedy: Requirement.Remedy);
    }

    /// <summary>The numbers at the beginning of <c>v1.31.0-eks</c> or <c>20.10.24+dfsg1</c>; null where there are fewer than two.</summary>
    internal static Version? ParseVersion(string? text)
    {
        var numbers = new List<int>();
        foreach (var part in (text ?? "").TrimStart('v').Split('.'))
        {
            var digits = new string([.. part.TakeWhile(char.IsAsciiDigit)]);
            if (digits.Length == 0 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                break;
            numbers.Add(number);
            if (digits.Length < part.Length || numbers.Count == 3)
                break;
        }

        return numbers.Count switch { < 2 => null, 2 => new Version(numbers[0], numbers[1]), _ => new Version(numbers[0], numbers[1], numbers[2]) };
    }
}
