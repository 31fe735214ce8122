namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>What Azure tells of a password that it has given out; never the password.</summary>
/// <param name="Hint">Its first characters; null where Azure tells none.</param>
/// <param name="Until">Null: for ever, as a registry token's is unless somebody wants otherwise. An application's lasts a year.</param>
public sealed record PullPassword(string? Hint, DateTimeOffset? Until)
{
    /// <summary>One that ends sooner is replaced now: nobody may deploy again before it does, and then no pod starts on another node.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    /// <summary>Whether a kept password is one of these, and lasts. Pure.</summary>
    public static bool Lasts(string password, IEnumerable<PullPassword> given, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(given);
        return given.Any(each => (string.IsNullOrEmpty(each.Hint) || password.StartsWith(each.Hint, StringComparison.Ordinal))
            && (each.Until is null || each.Until > now + Ahead));
    }
}
