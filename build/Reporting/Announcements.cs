namespace Ambrosia.Build.Reporting;

/// <summary>Where words go that come at any moment and from outside the tasks: to standard error, or above a live table while one is shown.</summary>
public sealed class Announcements(TextWriter error)
{
    private volatile Action<string>? _above;

    /// <summary>Writes a line above the table that is shown; null while none is.</summary>
    public Action<string>? Above
    {
        get => _above;
        set => _above = value;
    }

    /// <summary>Called from any thread.</summary>
    public void Tell(string text)
    {
        if (Above is { } above)
            above(text);
        else
            error.WriteLine(text);
    }
}
