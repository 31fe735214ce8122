namespace Ambrosia.Build.Reporting;

/// <summary>
/// The lines that sum a run up, one a task that has one, and with which its output ends: behind Cake's summary, where a person looks first
/// and a CI system looks alone.
/// </summary>
public sealed class ClosingLines
{
    private readonly List<string> _lines = [];

    public void Add(string text) => _lines.Add(text);

    /// <summary>Prints the lines, in the order in which the tasks have added them.</summary>
    public void Print(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        foreach (var line in _lines)
            output.WriteLine(line);
        output.Flush();
    }
}
