using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Settings;

/// <param name="Where"><c>file:line:column</c>, or the environment variable.</param>
internal sealed record ConfigurationProblem(ErrorCode Code, string Where, string Text)
{
    public override string ToString() => $"{Where}: AMB{(int)Code} {Text}";

    /// <summary>All problems at once: a user mends a file in one go.</summary>
    public static BuildException ToException(IReadOnlyList<ConfigurationProblem> problems)
    {
        var count = problems.Count == 1 ? "1 problem" : $"{problems.Count} problems";
        var list = string.Concat(problems.Select(problem => "\n  " + problem));
        return new BuildException(problems[0].Code, $"The configuration has {count}; nothing was started.{list}");
    }
}
