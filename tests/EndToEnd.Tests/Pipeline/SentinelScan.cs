using System.Text;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>Looks for secrets on surfaces where none may be, in the forms in which tools write them.</summary>
internal sealed class SentinelScan
{
    // What compilers write: large, and made before any secret is.
    private static readonly string[] NotScanned = ["artifacts/bin", "artifacts/obj", "artifacts/publish"];

    private readonly List<string> _findings = [];

    /// <summary>Where a secret was seen; never which.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>How many texts were looked through.</summary>
    public int Scanned { get; private set; }

    public void Text(string surface, string text, IEnumerable<string> secrets)
    {
        Scanned++;
        if (secrets.SelectMany(Forms).FirstOrDefault(form => text.Contains(form, StringComparison.Ordinal)) is { } found)
            _findings.Add($"{surface} shows a secret (it begins with {found[..4]})");
    }

    public void Files(string root, IReadOnlyCollection<string> secrets)
    {
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(root, file);
            if (!NotScanned.Any(directory => relative.StartsWith(directory + "/", StringComparison.Ordinal)))
                Text(relative, Encoding.Latin1.GetString(File.ReadAllBytes(file)), secrets);
        }
    }

    /// <summary>As it is, in an address, and inside base64 at each of the three places within a group of bytes.</summary>
    private static IEnumerable<string> Forms(string secret)
    {
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        var bytes = Encoding.UTF8.GetBytes(secret);
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var (first, last) = (((before * 8) + 5) / 6, (before + bytes.Length) * 8 / 6);
            var fragment = text[first..last];
            yield return fragment;
            yield return fragment.Replace('+', '-').Replace('/', '_');
        }
    }
}
