namespace Ambrosia.Build.Cli;

/// <summary>The end of what a tool has printed, which is where it says what went wrong. Pure.</summary>
internal static class OutputTail
{
    private const int Lines = 20;

    /// <summary>Its last lines that are not empty.</summary>
    public static string Of(string output) => string.Join(
        '\n', output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(Lines));
}
