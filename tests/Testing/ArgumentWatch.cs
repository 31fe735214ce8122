using System.Globalization;

namespace Ambrosia.Testing;

/// <summary>Notes the command line of every process below one, by looking into <c>/proc</c> again and again: what anybody on the machine could have read.
/// It samples, so a process that lives less than an interval may be missed; tests pair it with the expectation that known commands were seen.</summary>
public sealed class ArgumentWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<int> _known = [];
    private readonly int _root;
    private readonly Task _watching;

    private ArgumentWatch(int root)
    {
        _root = root;
        _watching = Task.Factory.StartNew(Watch, TaskCreationOptions.LongRunning);
    }

    /// <summary>Every different command line so far, arguments joined by spaces.</summary>
    public IReadOnlyList<string> CommandLines
    {
        get
        {
            lock (_seen)
                return _seen.ToList();
        }
    }

    /// <summary>Starts to watch everything below this process, also what loses its parent later.</summary>
    public static ArgumentWatch Start() => new(Environment.ProcessId);

    /// <summary>The command lines that contain any of these values.</summary>
    public IReadOnlyList<string> Containing(IReadOnlyCollection<string> values) =>
        CommandLines.Where(line => values.Any(value => line.Contains(value, StringComparison.Ordinal))).ToList();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private void Watch()
    {
        do
            Look();
        while (!_stop.Token.WaitHandle.WaitOne(Interval));
    }

    private void Look()
    {
        var open = new Stack<int>(_known.Append(_root));
        var visited = new HashSet<int>();
        while (open.TryPop(out var id))
        {
            if (!visited.Add(id))
                continue;
            foreach (var child in Children(id))
            {
                _known.Add(child);
                open.Push(child);
            }
            if (id == _root)
                continue;
            if (CommandLine(id) is { } line)
            {
                lock (_seen)
                    _seen.Add(line);
            }
            else
            {
                _known.Remove(id);
            }
        }
    }

    private static IEnumerable<int> Children(int id)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{id}/task").SelectMany(thread => ReadText(Path.Combine(thread, "children"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture)))];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Null when the process is gone, or has ended and was not waited for.</summary>
    private static string? CommandLine(int id)
    {
        var text = ReadText($"/proc/{id}/cmdline");
        return text.Length == 0 ? null : text.TrimEnd('\0').Replace('\0', ' ');
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
