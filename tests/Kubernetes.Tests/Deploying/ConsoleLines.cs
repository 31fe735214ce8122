using System.Collections.Concurrent;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>Keeps what the user would see.</summary>
internal sealed class ConsoleLines : IBuildConsole
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public bool IsLive => false;

    public void Line(string text) => _lines.Enqueue(text);

    public void Event(string text) => _lines.Enqueue(text);

    public void Warning(string text) => _lines.Enqueue("warning: " + text);

    public void Error(string text) => _lines.Enqueue("error: " + text);

    public IThroughputView ShowThroughput() => throw new NotSupportedException();
}
