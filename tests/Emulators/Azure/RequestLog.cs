using System.Collections.Concurrent;

namespace Ambrosia.Emulators.Azure;

/// <summary>All requests so far, in the order of their replies.</summary>
public sealed class RequestLog
{
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private int _number;

    public IReadOnlyList<RecordedRequest> All => _requests.ToList();

    public int Count => _requests.Count;

    /// <summary>Requests with that method whose path contains <paramref name="pathPart"/>, whatever its case.</summary>
    public IReadOnlyList<RecordedRequest> Matching(string method, string pathPart) =>
        _requests.Where(request => request.Method.Equals(method, StringComparison.OrdinalIgnoreCase)
            && request.Path.Contains(pathPart, StringComparison.OrdinalIgnoreCase)).ToList();

    public int CountOf(string method, string pathPart) => Matching(method, pathPart).Count;

    /// <summary>Forgets what was recorded, so that a test counts one step alone.</summary>
    public void Clear() => _requests.Clear();

    internal int NextNumber() => Interlocked.Increment(ref _number);

    internal void Add(RecordedRequest request) => _requests.Enqueue(request);
}
