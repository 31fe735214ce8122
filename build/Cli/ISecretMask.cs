namespace Ambrosia.Build.Cli;

/// <summary>
/// The values that nobody may read: whatever writes to a console, a log, a report or an exception passes its text through here.
/// </summary>
public interface ISecretMask
{
    /// <summary>
    /// From now on hides <paramref name="secret"/>, also where it stands base64-encoded, URL-escaped, JSON-escaped or quoted for a shell,
    /// and each longer line of a secret of several lines.
    /// </summary>
    /// <returns>
    /// False when the value is too weak to be told from ordinary text (fewer than four characters, or a common word such as
    /// <c>password</c>): hiding it would make every output unreadable and protect nothing.
    /// </returns>
    bool Add(string secret);

    /// <summary><paramref name="text"/> with every occurrence of a secret replaced by <c>***</c>.</summary>
    string Mask(string text);
}
