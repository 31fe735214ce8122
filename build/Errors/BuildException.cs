using System.Text;

namespace Ambrosia.Build.Errors;

/// <summary>
/// A failure that a person can act on: what failed, the tool's own words, the likely cause, and what to do.
/// (Cake.Core seals CakeException.) The message is printed as it is; a stack trace appears at <c>--verbosity=diagnostic</c> alone.
/// </summary>
public sealed class BuildException : Exception
{
    private readonly string? _toolOutput;

    public BuildException(
        ErrorCode code, string what, string? cause = null, string? remedy = null, string? toolOutput = null, Exception? inner = null)
        : base(Compose(code, what, cause, remedy, toolOutput), inner)
    {
        Code = code;
        What = what;
        Cause = cause;
        Remedy = remedy;
        _toolOutput = toolOutput;
    }

    public ErrorCode Code { get; }

    public string What { get; }

    public string? Cause { get; }

    public string? Remedy { get; }

    /// <summary>The same failure with one more way out.</summary>
    public BuildException OrElse(string remedy) =>
        new(Code, What, Cause, Remedy is null ? remedy : $"{Remedy}\n{remedy}", _toolOutput, this);

    private static string Compose(ErrorCode code, string what, string? cause, string? remedy, string? toolOutput)
    {
        var text = new StringBuilder().Append("AMB").Append((int)code).Append(": ").Append(what);
        if (!string.IsNullOrWhiteSpace(toolOutput))
            text.Append("\n  output: ").Append(toolOutput.Trim().ReplaceLineEndings("\n          "));
        if (cause is not null)
            text.Append("\n  cause:  ").Append(cause.ReplaceLineEndings("\n          "));
        if (remedy is not null)
            text.Append("\n  fix:    ").Append(remedy.ReplaceLineEndings("\n          "));
        return text.ToString();
    }
}
