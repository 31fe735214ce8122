namespace Ambrosia.Build.Errors;

/// <summary>How a failure looks to a person, and what it does to the exit code.</summary>
public static class FailureOutput
{
    private const string Hint = "\n  fix:    run again with --verbosity=diagnostic for the whole exception";

    /// <summary>Runs <paramref name="program"/> and makes of its exit code, or exception, the exit code of the process: 0, or 1 to 255.</summary>
    public static int Guard(TextWriter error, Func<int> program)
    {
        try
        {
            return Normalise(program());
        }
        // CA1031: the last place where an exception can become a message.
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error.WriteLine(exception is BuildException ? exception.Message : Unexpected(exception.Message));
            return 1;
        }
    }

    /// <summary>Prints what was asked for; the exit code of having done so.</summary>
    public static int Answer(TextWriter output, string text)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(text);
        return 0;
    }

    /// <summary>Frosting 6 returns -1 for any failure, which a shell sees as 255 (cake-build/cake#3830).</summary>
    public static int Normalise(int hostExitCode) => hostExitCode is >= 0 and <= 255 ? hostExitCode : 1;

    /// <summary>What an error line of the host becomes; null where it is not to be printed.</summary>
    public static string? Rewrite(string text, string hostPrefix, string enginePrefix, bool cancelled)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fromHost = text.StartsWith(hostPrefix, StringComparison.Ordinal);
        if (cancelled && (fromHost || text.StartsWith(enginePrefix, StringComparison.Ordinal)))
            return null;
        if (!fromHost)
            return text;
        var message = text[hostPrefix.Length..];
        return message.StartsWith("AMB", StringComparison.Ordinal) || message.Contains("\n   at ", StringComparison.Ordinal)
            ? message
            : Unexpected(message);
    }

    private static string Unexpected(string message) =>
        $"AMB{(int)ErrorCode.Unexpected}: {message.ReplaceLineEndings(" ")}{Hint}";
}
