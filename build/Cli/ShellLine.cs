using System.Text;

namespace Ambrosia.Build.Cli;

/// <summary>A command as a line that a user could paste into a shell. For reading alone: processes are started from the list.</summary>
public static class ShellLine
{
    /// <param name="mask">Hides secrets; an argument that is a secret as a whole is hidden however short it is.</param>
    /// <param name="windows">Quotes for PowerShell instead of a POSIX shell.</param>
    public static string Format(ProcessRequest request, ISecretMask mask, bool windows)
    {
        var line = new StringBuilder();
        foreach (var (name, value) in request.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (value is null)
                continue;
            var word = Shown(value);
            if (!windows)
                line.Append(name).Append('=').Append(word).Append(' ');
            else
                line.Append("$env:").Append(name).Append('=').Append(word.StartsWith('\'') ? word : $"'{word}'").Append("; ");
        }

        if (windows && NeedsQuotes(request.FileName, windows))
            line.Append("& ");
        line.Append(Shown(request.FileName));
        foreach (var argument in request.Arguments)
            line.Append(' ').Append(Shown(argument));
        if (request.StandardInput is { Length: > 0 } input)
            line.Append("  # with ").Append(input.Length).Append(" characters on standard input");
        return line.ToString();

        // Masked before quoting, which could split a secret, and again as a whole, where the neighbours complete one.
        string Shown(string text) =>
            request.Secrets.Contains(text) ? SecretMask.Replacement : mask.Mask(Quote(mask.Mask(text), windows));
    }

    /// <summary><paramref name="text"/> as one word of a POSIX shell or, on Windows, of PowerShell.</summary>
    public static string Quote(string text, bool windows)
    {
        if (!NeedsQuotes(text, windows))
            return text;
        return windows
            ? "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'"
            : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }

    private static bool NeedsQuotes(string text, bool windows)
    {
        const string plain = "-_./:=%+~,@";
        return text.Length == 0 || text[0] == '~' || !text.Replace(SecretMask.Replacement, "", StringComparison.Ordinal).All(IsPlain);

        bool IsPlain(char c) =>
            char.IsAsciiLetterOrDigit(c)
            || (windows ? c == '\\' || (plain.Contains(c, StringComparison.Ordinal) && c is not ('@' or ',')) : plain.Contains(c, StringComparison.Ordinal));
    }
}
