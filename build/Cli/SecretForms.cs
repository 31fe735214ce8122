using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Newtonsoft.Json;

namespace Ambrosia.Build.Cli;

/// <summary>The texts in which one secret can appear in an output.</summary>
internal static class SecretForms
{
    public const int ShortestSecret = 4;

    /// <summary>Below this a secret is hidden only where it stands alone, so that "acme" does not blot out "acmeregistry".</summary>
    public const int ShortestAnywhere = 8;

    /// <summary>An encoded fragment shorter than this occurs in ordinary base64 by chance.</summary>
    private const int ShortestEmbeddedBase64 = 8;

    private static readonly HashSet<string> CommonWords = new(
        [
            "admin", "ambrosia", "auto", "client", "default", "dotnet", "enabled", "disabled", "error", "example", "false", "hello", "http",
            "https", "info", "kubectl", "latest", "local", "localhost", "main", "name", "none", "null", "password", "perftest", "public",
            "release", "root", "secret", "server", "service", "string", "test", "token", "true", "user", "username", "value", "warning",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the value cannot be told from ordinary text.</summary>
    public static bool IsTooWeak(string secret) => secret.Trim().Length < ShortestSecret || CommonWords.Contains(secret.Trim());

    public static IEnumerable<string> Of(string secret)
    {
        yield return secret;
        var trimmed = secret.Trim();
        yield return trimmed;

        foreach (var form in Base64(secret).Concat(Base64(trimmed)))
            yield return form;
        foreach (var form in Escaped(trimmed))
            yield return form;

        // Output is masked line by line, so a secret of several lines (a key in PEM form) is never seen whole.
        var lines = secret.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 1)
        {
            foreach (var line in lines.Where(line => line.Length >= ShortestAnywhere))
                yield return line;
        }
    }

    private static IEnumerable<string> Escaped(string secret)
    {
        var percent = Uri.EscapeDataString(secret);
        yield return percent;
        yield return LowerCaseHex(percent, '%', 2);
        var form = WebUtility.UrlEncode(secret);
        yield return form;
        yield return LowerCaseHex(form, '%', 2);
        yield return WebUtility.HtmlEncode(secret);

        yield return Unquoted(JsonConvert.ToString(secret));
        yield return Unquoted(JsonConvert.ToString(secret, '"', StringEscapeHandling.EscapeHtml));
        yield return Unquoted(JsonConvert.ToString(secret)).Replace("/", "\\/", StringComparison.Ordinal);
        var strict = JsonEncodedText.Encode(secret, JavaScriptEncoder.Default).ToString();
        yield return strict;
        yield return LowerCaseHex(strict, 'u', 4);
        yield return JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

        yield return secret.Replace("'", "'\\''", StringComparison.Ordinal);
        yield return secret.Replace("'", "''", StringComparison.Ordinal);
        yield return secret.Replace("\"", "\\\"", StringComparison.Ordinal);
        yield return secret.Replace("\\", "\\\\", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Base64(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var whole = Convert.ToBase64String(bytes);
        if (whole.Length >= ShortestEmbeddedBase64)
        {
            yield return whole;
            yield return whole.TrimEnd('=');
            yield return UrlSafe(whole.TrimEnd('='));
        }

        // Inside a longer text ("user:secret" of a docker login) the secret starts at any of three positions within a group of three
        // bytes; only the digits that hold nothing but bits of the secret are the same everywhere.
        for (var before = 0; before < 3; before++)
        {
            var shifted = new byte[before + bytes.Length];
            bytes.CopyTo(shifted, before);
            var first = ((before * 8) + 5) / 6;
            var last = shifted.Length * 8 / 6;
            if (last - first < ShortestEmbeddedBase64)
                continue;
            var fragment = Convert.ToBase64String(shifted)[first..last];
            yield return fragment;
            yield return UrlSafe(fragment);
        }
    }

    private static string UrlSafe(string base64) => base64.Replace('+', '-').Replace('/', '_');

    private static string Unquoted(string literal) => literal[1..^1];

    private static string LowerCaseHex(string text, char introducer, int digits)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i + digits < text.Length; i++)
        {
            if (text[i] != introducer || !text.AsSpan(i + 1, digits).ContainsOnlyHex())
                continue;
            for (var j = i + 1; j <= i + digits; j++)
                result[j] = char.ToLower(text[j], CultureInfo.InvariantCulture);
        }

        return result.ToString();
    }

    private static bool ContainsOnlyHex(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }
}
