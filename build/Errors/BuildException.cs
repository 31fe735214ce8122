using System.Text;

namespace Ambrosia.Build.Errors;

/// <summary>
/// A failure that a person can act on: what failed, the tool's own words, the likely cause, and what to do.
/// The message is printed as it is; a stack trace appears at <c>--verbosity=diagnostic</c> alone. Every host ends with exit code 1.
/// </summary>
// CA1032: an error without a code and a cause is what this type is there to prevent.
#pragma warning disable CA1032
public sealed class BuildException : Exception
{
    public BuildException(
        ErrorCode code, string what, string? cause = null, string? remedy = null, string? toolOutput = null, Exception? inner = null)
        : base(Compose(code, what, cause, remedy, toolOutput), inner)
    {
        Code = code;
        What = what;
        Remedy = remedy;
    }

    public ErrorCode Code { get; }

    public string What { get; }

    public string? Remedy { get; }

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
