using System.Collections.Immutable;
using System.Text;

namespace Ambrosia.Build.Cli;

/// <inheritdoc cref="ISecretMask"/>
/// <remarks>Safe for use from several threads: readers see one immutable list of patterns.</remarks>
public sealed class SecretMask : ISecretMask
{
    public const string Replacement = "***";

    private ImmutableHashSet<Pattern> _patterns = [];

    public bool Add(string secret)
    {
        if (SecretForms.IsTooWeak(secret))
            return false;
        var patterns = SecretForms.Of(secret)
            .Where(form => form.Length >= SecretForms.ShortestSecret)
            .Select(form => new Pattern(form, WholeWord: form.Length < SecretForms.ShortestAnywhere))
            .ToArray();
        ImmutableInterlocked.Update(ref _patterns, known => known.Union(patterns));
        return true;
    }

    public string Mask(string text)
    {
        // Marked first and replaced afterwards: two secrets can overlap, and replacing one would leave the end of the other.
        bool[]? hidden = null;
        foreach (var pattern in _patterns)
        {
            for (var at = text.IndexOf(pattern.Text, StringComparison.Ordinal);
                 at >= 0;
                 at = text.IndexOf(pattern.Text, at + 1, StringComparison.Ordinal))
            {
                if (pattern.WholeWord && !StandsAlone(text, at, pattern.Text.Length))
                    continue;
                hidden ??= new bool[text.Length];
                hidden.AsSpan(at, pattern.Text.Length).Fill(true);
            }
        }

        return hidden is null ? text : Replace(text, hidden);
    }

    private static bool StandsAlone(string text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
        && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length]));

    private static string Replace(string text, bool[] hidden)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!hidden[i])
                result.Append(text[i]);
            else if (i == 0 || !hidden[i - 1])
                result.Append(Replacement);
        }

        return result.ToString();
    }

    private readonly record struct Pattern(string Text, bool WholeWord);
}
