using NUnit.Framework;

namespace Ambrosia.Build.Tests.Readme;

/// <summary>
/// README.md by its parts. A part that follows from the code stands behind a comment that names it: the next fenced block, or else the
/// lines up to the next empty one. With UPDATE_GOLDEN set such parts are written anew.
/// </summary>
internal static class ReadmeFile
{
    private const string Fence = "```";

    private static readonly string FilePath = Path.Combine(BuildPaths.Find(AppContext.BaseDirectory).Root, "README.md");

    public static string Text => File.ReadAllText(FilePath).ReplaceLineEndings("\n");

    /// <summary>The fenced blocks with their language, in order.</summary>
    public static IReadOnlyList<(string Language, string Text)> Blocks
    {
        get
        {
            var blocks = new List<(string, string)>();
            var lines = Text.Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
                    continue;
                var end = Array.IndexOf(lines, Fence, i + 1);
                Assert.That(end, Is.GreaterThan(i), $"the block in line {i + 1} of README.md does not end");
                blocks.Add((lines[i][Fence.Length..], string.Concat(lines[(i + 1)..end].Select(line => line + "\n"))));
                i = end;
            }

            return blocks;
        }
    }

    /// <summary>What stands behind <c>&lt;!-- name --&gt;</c>.</summary>
    public static string Part(string name)
    {
        var text = Text;
        var (start, end) = Find(text, name);
        return text[start..end];
    }

    public static void VerifyPart(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is { Length: > 0 })
        {
            var text = Text;
            var (start, end) = Find(text, name);
            File.WriteAllText(FilePath, text[..start] + actual + text[end..]);
        }

        Assert.That(actual, Is.EqualTo(Part(name)), $"README.md, behind <!-- {name} -->; UPDATE_GOLDEN=1 writes it anew");
    }

    private static (int Start, int End) Find(string text, string name)
    {
        var marker = $"<!-- {name} -->\n";
        var start = text.IndexOf(marker, StringComparison.Ordinal);
        Assert.That(start, Is.Not.Negative, $"README.md has no {marker}");
        start += marker.Length;
        if (!text.AsSpan(start).StartsWith(Fence))
            return (start, text.IndexOf("\n\n", start, StringComparison.Ordinal) + 1);
        start = text.IndexOf('\n', start) + 1;
        return (start, text.IndexOf("\n" + Fence, start, StringComparison.Ordinal) + 1);
    }
}
