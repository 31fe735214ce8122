using System.Collections.Concurrent;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Tests.Reporting;

/// <summary>Keeps what would be shown, without times.</summary>
internal sealed class RecordingConsole : IBuildConsole
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public string Text => string.Join('\n', _lines) + "\n";

    public bool IsLive => false;

    public void Line(string text) => _lines.Enqueue(text);

    public void Event(string text) => _lines.Enqueue(text);

    public void Warning(string text) => _lines.Enqueue("warning: " + text);

    public void Error(string text) => _lines.Enqueue("error: " + text);

    public IThroughputView ShowThroughput() => new PlainThroughputView(Event, TimeProvider.System);

    /// <summary>Waits for the first line that contains the text.</summary>
    /// <param name="work">Ends the wait when it fails.</param>
    public async Task<string> WaitForAsync(string part, CancellationToken cancellation, Task? work = null)
    {
        while (true)
        {
            if (_lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } found)
                return found;
            if (work is { IsFaulted: true })
                await work;
            await Task.Delay(20, cancellation);
        }
    }
}
