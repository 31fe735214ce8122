using System.Text.RegularExpressions;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Something that goes wrong with some requests.</summary>
/// <param name="Method">GET, PATCH, ...; * for all.</param>
/// <param name="Path">A regular expression that the path with its query must match somewhere.</param>
/// <param name="Count">With how many requests it happens.</param>
public sealed record Fault(string Method, string Path, int Count = int.MaxValue)
{
    /// <summary>Answers this status code instead of doing anything; null to do what was asked.</summary>
    public int? Status { get; init; }

    /// <summary>Seconds in the header Retry-After; null for none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The body of that answer; null for a Status object.</summary>
    public string? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Waits so long before anything else.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Cuts the connection before an answer.</summary>
    public bool Cut { get; init; }

    /// <summary>Cuts the connection after so many bytes of the answer's body; null for never.</summary>
    public int? CutAfterBytes { get; init; }

    internal bool Covers(string method, string path) =>
        (Method == "*" || Method == method) && Regex.IsMatch(path, Path, RegexOptions.None, TimeSpan.FromSeconds(1));
}
