namespace Ambrosia.Build.Oracle;

/// <summary>The rate of the last few seconds.</summary>
public sealed class RateWindow(TimeSpan width)
{
    private readonly Queue<(TimeSpan At, long Bytes)> _samples = new();
    private (TimeSpan At, long Bytes) _last;

    /// <summary>Null until there are two samples with time between them.</summary>
    public double? BytesPerSecond
    {
        get
        {
            if (!_samples.TryPeek(out var first))
                return null;
            var span = _last.At - first.At;
            return span > TimeSpan.Zero ? (_last.Bytes - first.Bytes) / span.TotalSeconds : null;
        }
    }

    public void Add(TimeSpan at, long bytes)
    {
        _last = (at, bytes);
        _samples.Enqueue(_last);
        while (_samples.Count > 2 && at - _samples.Peek().At > width)
            _samples.Dequeue();
    }
}
