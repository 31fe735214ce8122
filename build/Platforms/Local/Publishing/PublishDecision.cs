namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>Whether the app must be published, and why; a pure function of what was seen.</summary>
public sealed record PublishDecision(bool Publish, string Reason)
{
    /// <param name="hash">Of the inputs as they are now.</param>
    /// <param name="publishedHash">Of the inputs of what is published; null when nothing is.</param>
    /// <param name="missing">Programs that should be there and are not.</param>
    public static PublishDecision Decide(string hash, string? publishedHash, IReadOnlyList<string> missing) => (publishedHash, missing) switch
    {
        (null, _) => new(true, "not published yet"),
        (_, { Count: > 0 }) => new(true, $"{string.Join(", ", missing)} missing"),
        ({ } published, _) when published != hash => new(true, $"inputs changed ({published} -> {hash})"),
        _ => new(false, $"unchanged (hash {hash})"),
    };
}
