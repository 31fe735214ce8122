namespace Ambrosia.Coordinator.Streams;

/// <summary>
/// One sender's messages as this instance counts them. <see cref="Sequence"/> and <see cref="Replayable"/> are what was taken in, guarded
/// by the intake's lock; the durable pair is what may be acknowledged.
/// </summary>
internal sealed class InputSource(string name)
{
    private readonly object _gate = new();
    private long _durableSequence;
    private long _durableReplayable;

    /// <summary>Empty for self.</summary>
    public string Name { get; } = name;

    public long Sequence { get; set; }

    public long Replayable { get; set; }

    public bool InCurrentBuffer { get; set; }

    public void SetDurable(long sequence, long replayable)
    {
        lock (_gate)
        {
            (_durableSequence, _durableReplayable) = (sequence, replayable);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The durable pair, as soon as it differs from <paramref name="sent"/>, or after <paramref name="wait"/>.</summary>
    public (long Sequence, long Replayable) WaitDurable(long sent, TimeSpan wait)
    {
        lock (_gate)
        {
            if (_durableSequence == sent)
                Monitor.Wait(_gate, wait);
            return (_durableSequence, _durableReplayable);
        }
    }
}
