namespace Ambrosia.Build;

/// <summary>
/// A value that is made when it is first asked for, and is the same for everybody from then on. Only one caller makes it at a time, with its
/// own cancellation; what fails or is cancelled, and null, is not remembered: the next caller tries again.
/// </summary>
/// <remarks>Not Lazy&lt;Task&gt; or a library's AsyncLazy: these hand the first caller's failure and cancellation to everybody after it.</remarks>
#pragma warning disable CA1001 // A SemaphoreSlim holds nothing to be disposed of before its AvailableWaitHandle is asked for.
public sealed class AsyncOnce<T>
#pragma warning restore CA1001
    where T : class?
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile T? _known;

    /// <summary>Null before it was made.</summary>
    public T? Known => _known;

    /// <param name="make">Is not to ask for this value itself: it would wait for ever.</param>
    public async Task<T> GetAsync(Func<CancellationToken, Task<T>> make, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (_known is { } known)
            return known;
        await _gate.WaitAsync(cancellation);
        try
        {
            return _known ??= await make(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The next caller makes it anew. Nobody makes it while what it rests on is undone.</summary>
    public async Task ForgetAsync(Action undo, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(undo);
        await _gate.WaitAsync(cancellation);
        try
        {
            _known = null;
            undo();
        }
        finally
        {
            _gate.Release();
        }
    }
}
