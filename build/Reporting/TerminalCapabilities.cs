namespace Ambrosia.Build.Reporting;

/// <summary>What the output can do; a pure function of the environment.</summary>
/// <param name="Live">The screen may be redrawn.</param>
/// <param name="Color">Colours may be used (https://no-color.org).</param>
/// <param name="CanAsk">A person sits there and can answer.</param>
public sealed record TerminalCapabilities(bool Live, bool Color, bool CanAsk)
{
    public static TerminalCapabilities Detect(bool inputRedirected, bool outputRedirected, Func<string, string?> environment)
    {
        var ci = environment("CI") is { Length: > 0 } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase);
        var terminal = !outputRedirected && environment("TERM") is not "dumb";
        return new TerminalCapabilities(
            Live: terminal && !ci,
            Color: terminal && string.IsNullOrEmpty(environment("NO_COLOR")),
            CanAsk: terminal && !ci && !inputRedirected);
    }
}
