using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Planning;

public enum FindingSeverity
{
    /// <summary>Checked and good; shown by Doctor.</summary>
    Good,

    /// <summary>Works, but should be known.</summary>
    Warning,

    /// <summary>A run would fail on it, perhaps minutes later.</summary>
    Error,
}

/// <summary>What Doctor found out about one thing.</summary>
/// <param name="Subject">What was checked: "vCPU quota of Standard DSv5 in eastus".</param>
/// <param name="Text">What is so.</param>
/// <param name="Remedy">What to do about it; given for errors always.</param>
public sealed record Finding(FindingSeverity Severity, string Subject, string Text, string? Remedy = null)
{
    public override string ToString() => $"{Subject}: {Text}" + (Remedy is null ? "" : $"\n    fix: {Remedy}");

    /// <summary>Whether a program is there, and new enough.</summary>
    public static Finding Of(ToolState tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return tool.Problem() is { } problem
            ? new Finding(FindingSeverity.Error, tool.Requirement.Name, problem.What, problem.Remedy ?? tool.Requirement.Remedy)
            : new Finding(FindingSeverity.Good, tool.Requirement.Name, $"{tool.Version ?? "of an unknown version"} ({tool.Requirement.Minimum} or newer is needed)");
    }

    public static BuildException Refused(IReadOnlyList<Finding> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return new BuildException(
            ErrorCode.PreflightFailed,
            $"{(errors.Count == 1 ? "1 thing" : $"{errors.Count} things")} would make this fail later; nothing was changed."
            + string.Concat(errors.Select(error => $"\n  {error}")));
    }
}
