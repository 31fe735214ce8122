namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>How far the cluster's clock is ahead of this machine's, from one answer of its server. Pure.</summary>
internal static class ClockOffset
{
    /// <summary>What is worth a word: less is no hindrance to anything here.</summary>
    public static readonly TimeSpan Notable = TimeSpan.FromSeconds(30);

    /// <summary>The API's times are cut off to whole seconds.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    /// <param name="before">This machine's time when the question was sent.</param>
    /// <param name="after">This machine's time when the answer was there.</param>
    /// <param name="server">The server's time at some moment between.</param>
    /// <returns>Negative where the cluster's clock is behind; zero where both may well be the same.</returns>
    public static TimeSpan Of(DateTimeOffset before, DateTimeOffset after, DateTimeOffset server)
    {
        var (least, most) = (server - after, server + Resolution - before);
        return least <= TimeSpan.Zero && most >= TimeSpan.Zero ? TimeSpan.Zero : least + ((most - least) / 2);
    }
}
