namespace Ambrosia.Build.Reporting;

/// <summary>
/// The one line that sums a run up, and with which its output ends: behind Cake's summary, where a person looks first and a CI system looks
/// alone.
/// </summary>
public sealed class ClosingLine
{
    private string? _text;

    public void Set(string text) => _text = text;

    /// <summary>Prints the line, if a task has set one.</summary>
    public void Print(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_text is not { } text)
            return;
        output.WriteLine(text);
        output.Flush();
    }
}
