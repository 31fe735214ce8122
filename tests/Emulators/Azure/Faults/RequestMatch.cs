using System.Text.RegularExpressions;

namespace Ambrosia.Emulators.Azure.Faults;

/// <summary>Which requests a fault meets.</summary>
/// <param name="Method">An HTTP method; <c>*</c> is any.</param>
/// <param name="Path">What the path must match: text with <c>*</c> for anything, compared without case; a trailing <c>$</c> anchors it at the path's end.</param>
public sealed record RequestMatch(string Method, string Path)
{
    public static RequestMatch Any { get; } = new("*", "*");

    public static RequestMatch Get(string path) => new("GET", path);

    public static RequestMatch Put(string path) => new("PUT", path);

    public static RequestMatch Patch(string path) => new("PATCH", path);

    public static RequestMatch Post(string path) => new("POST", path);

    public static RequestMatch Delete(string path) => new("DELETE", path);

    /// <summary>A further condition on method and path.</summary>
    public Func<string, string, bool>? Where { get; init; }

    public bool Meets(string method, string path)
    {
        var anchored = Path.EndsWith('$');
        var pattern = Regex.Escape(anchored ? Path[..^1] : Path).Replace("\\*", ".*", StringComparison.Ordinal) + (anchored ? "$" : "");
        return (Method == "*" || Method.Equals(method, StringComparison.OrdinalIgnoreCase))
            && Regex.IsMatch(path, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
            && (Where is null || Where(method, path));
    }
}
