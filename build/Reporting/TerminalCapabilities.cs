namespace Ambrosia.Build.Reporting;

/// <summary>What the output can do; a pure function of the environment.</summary>
/// <param name="Live">The screen may be redrawn.</param>
/// <param name="Color">Colours may be used (https://no-color.org).</param>
public sealed record TerminalCapabilities(bool Live, bool Color)
{
    public static TerminalCapabilities Detect(bool outputRedirected, Func<string, string?> environment)
    {
        var ci = environment("CI") is { Length: > 0 } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase);
        var terminal = !outputRedirected && environment("TERM") is not "dumb";
        return new TerminalCapabilities(
            Live: terminal && !ci,
            Color: terminal && string.IsNullOrEmpty(environment("NO_COLOR")));
    }
}
