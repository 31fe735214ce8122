using System.Collections;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>All requests so far, in the order in which they came.</summary>
public sealed class RequestLog : IEnumerable<RecordedRequest>
{
    private readonly Lock _gate = new();
    private readonly List<RecordedRequest> _requests = [];

    /// <summary>Forgets what came so far.</summary>
    public void Clear()
    {
        lock (_gate)
            _requests.Clear();
    }

    public IEnumerator<RecordedRequest> GetEnumerator()
    {
        lock (_gate)
            return _requests.ToList().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(RecordedRequest request)
    {
        lock (_gate)
            _requests.Add(request);
    }
}
