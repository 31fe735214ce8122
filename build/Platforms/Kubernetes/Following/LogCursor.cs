using System.Globalization;

namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>
/// Where the reading of one container's log stands, so that it goes on after a cut with every line once. The API server takes a time in
/// whole seconds and gives all lines since then: those that were read before are recognised by time and text.
/// </summary>
public sealed class LogCursor
{
    /// <summary>Lines of both streams of a container may come a little out of order.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(2);

    private const int PruneAt = 4096;

    private Dictionary<string, Entry> _seen = new(StringComparer.Ordinal);
    private Dictionary<string, int> _mayRepeat = new(StringComparer.Ordinal);
    private DateTimeOffset? _latest;

    /// <summary>From when to read on, as <c>--since-time</c> takes it; null before the first line.</summary>
    public string? Since => _latest is { } latest
        ? (latest.ToUniversalTime() - Overlap).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : null;

    /// <summary>The same log is read again from <see cref="Since"/> on.</summary>
    public void Reattach() => _mayRepeat = _seen.ToDictionary(pair => pair.Key, pair => pair.Value.Count, StringComparer.Ordinal);

    /// <param name="line">As <c>kubectl logs --timestamps</c> prints it.</param>
    /// <returns>The line without its time; null where it was read before, or is kubelet's and not the container's.</returns>
    public string? Accept(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (IsNotOfTheContainer(line))
            return null;
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = space < 0 ? line : line[..space];
        if (!DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return line; // the rest of a line that was cut, or a runtime that knows no times
        if (_mayRepeat.TryGetValue(line, out var repeats))
        {
            if (repeats == 1)
                _mayRepeat.Remove(line);
            else
                _mayRepeat[line] = repeats - 1;
            return null;
        }

        if (_latest is null || at > _latest)
            _latest = at;
        _seen[line] = new Entry(at, _seen.GetValueOrDefault(line)?.Count + 1 ?? 1);
        if (_seen.Count > PruneAt)
            Prune();
        return space < 0 ? "" : line[(space + 1)..];
    }

    /// <summary>Answered with 200 on standard output, right after a container was removed.</summary>
    private static bool IsNotOfTheContainer(string line) => line.StartsWith("unable to retrieve container logs for ", StringComparison.Ordinal);

    private void Prune()
    {
        var oldest = _latest - Overlap - TimeSpan.FromSeconds(1);
        var kept = _seen.Where(pair => pair.Value.At >= oldest).ToDictionary(StringComparer.Ordinal);
        // A burst within the overlap is kept as a whole: forgetting part of it would print lines twice.
        _seen = kept;
    }

    private sealed record Entry(DateTimeOffset At, int Count);
}
