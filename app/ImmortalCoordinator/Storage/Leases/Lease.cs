namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>
/// The right to be the one writer of a log directory on a share, for a limited time that is renewed again and again.
/// <para>
/// The share holds claims, numbered from 1, each made by exclusive creation, so that each number has one maker for ever. The owner renews by
/// making the next number; a contender takes over by making the very same number, and it tries only after it has seen no newer claim for
/// the whole duration by its own clock. So the two never both succeed, and whoever succeeds second to a number knows that it did not.
/// </para>
/// <list type="bullet">
/// <item>The owner relies on a claim for nine tenths of the duration, counted from before it made it. A contender has seen the claim later
/// than that, and waits for all of it. So when the contender succeeds, the owner has stopped by itself, though nothing could reach it.</item>
/// <item>An owner whose time has run out never renews, even when the next number seems free: it may have been used and deleted.</item>
/// <item>A claim is described after it is made, and its maker can die in between. A contender then does not know for how long to wait. So a
/// first claim gives no right: its maker also makes the next number, and is the owner when it gets that one, too.</item>
/// <item>A clean stop makes a last claim that says so: the next owner need not wait.</item>
/// <item>The numbers double as epochs, which are in the names of all files that an owner writes. They only grow.</item>
/// </list>
/// </summary>
internal sealed class Lease : IDisposable
{
    private readonly ILeaseShare _share;
    private readonly LeaseTerms _terms;
    private readonly LeaseClaim _self;
    private readonly TimeProvider _time;
    private readonly Action<LeaseLoss> _lost;
    private readonly SemaphoreSlim _busy = new(1);
    private readonly Lock _gate = new();
    private readonly ITimer _expiry;
    private readonly Dictionary<int, long> _firstSeen = [];

    /// <summary>Timestamp at which nothing may be acknowledged any more; <see cref="long.MinValue"/> when that is for good.</summary>
    private long _validUntil;
    private long _claimedAt;
    private long? _attemptBegan;
    private bool _attemptMayHaveWorked;
    private Exception? _lastError;
    private bool _over;

    private Lease(ILeaseShare share, LeaseTerms terms, LeaseClaim self, TimeProvider time, Action<LeaseLoss> lost, int number, long claimedAt)
    {
        (_share, _terms, _self, _time, _lost, Number, _claimedAt) = (share, terms, self, time, lost, number, claimedAt);
        _validUntil = claimedAt + Ticks(terms.Validity);
        _expiry = time.CreateTimer(_ => Expire(), null, Left(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The newest claim that is ours.</summary>
    public int Number { get; private set; }

    /// <summary>Null while the lease is held, or was given up by ourselves.</summary>
    public LeaseLoss? Loss { get; private set; }

    /// <summary>No other owner exists: what was written before this was asked will be found by whoever comes next.</summary>
    public bool IsValid => _time.GetTimestamp() < Volatile.Read(ref _validUntil);

    /// <summary>Why it is not valid: whoever notices the end first, the timer or a writer, tells the same.</summary>
    public LeaseLoss? FindLoss()
    {
        if (!IsValid)
            Expire();
        return Loss;
    }

    /// <summary>Waits until the lease is free or has run out, and takes it.</summary>
    /// <param name="isOwnerDead">True only for an owner that cannot be alive any more.</param>
    /// <param name="lost">Called once, on any thread, when the lease is no longer ours.</param>
    /// <param name="waiting">Told at each look that ends in waiting.</param>
    /// <exception cref="IOException">The share failed for the whole duration.</exception>
    public static async Task<Lease> AcquireAsync(
        ILeaseShare share, LeaseTerms terms, LeaseClaim self, TimeProvider time, Func<LeaseClaim, bool> isOwnerDead, Action<LeaseLoss> lost,
        Action<LeaseSight> waiting, CancellationToken cancellation)
    {
        var watch = new LeaseWatch(time, self, isOwnerDead);
        var worked = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var lookedAt = time.GetTimestamp();
                var sight = await LookAsync(share);
                if (watch.MayClaimNext(sight))
                {
                    if (await TryTakeAsync(share, sight.Newest + 1, lookedAt, terms, self, time, lost) is { } lease)
                        return lease;
                }
                else
                {
                    waiting(sight);
                }

                worked = time.GetTimestamp();
            }
            catch (Exception error) when (IsShareError(error) && time.GetElapsedTime(worked) < terms.Duration)
            {
                // Shares have hiccups; one that lasts is told.
            }

            await Task.Delay(terms.Poll, time, cancellation);
        }
    }

    /// <summary>Renews until <paramref name="cancellation"/>, or until the lease is lost.</summary>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        var next = _terms.Renewal;
        while (Loss is null)
        {
            var due = next - _time.GetElapsedTime(_claimedAt);
            await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, _time, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (cancellation.IsCancellationRequested)
                return;
            next = await TryRenewAsync() ? _terms.Renewal : _time.GetElapsedTime(_claimedAt) + _terms.Retry;
        }
    }

    /// <summary>A claim of ours that is not below <paramref name="least"/>: every other owner's numbers are below or above it.</summary>
    /// <exception cref="CoordinatorException">The lease is lost.</exception>
    public async Task<int> AdvanceAsync(int least, string directory)
    {
        while (true)
        {
            if (Loss is { } loss)
                throw loss.ToException(directory, _terms.Duration);
            var number = Number;
            if (number >= least)
                return number;
            if (!await TryRenewAsync())
                await Task.Delay(_terms.Retry, _time);
        }
    }

    /// <summary>
    /// Gives the lease up, so that the next owner need not wait. From the first moment on nothing is acknowledged. Whatever fails is let
    /// be: the lease then runs out.
    /// </summary>
    /// <param name="keeping">The end of <see cref="KeepAsync"/>, which was cancelled.</param>
    public async Task ReleaseAsync(Task keeping)
    {
        bool held;
        lock (_gate)
        {
            held = !_over && IsValid;
            _over = true;
            Volatile.Write(ref _validUntil, long.MinValue);
        }

        if (!held)
            return;
        await keeping;
        await _busy.WaitAsync();
        try
        {
            // Where a contender's first claim is there by now, what it says does not matter: it gives no right.
            var claim = _self with { Released = true, WrittenAt = _time.GetUtcNow() };
            if (!await _share.TryCreateAsync(Number + 1, claim) && _attemptMayHaveWorked)
                await _share.DescribeAsync(Number + 1, claim);
        }
        catch (Exception error) when (IsShareError(error))
        {
            // It runs out.
        }
        finally
        {
            _busy.Release();
        }
    }

    public void Dispose() => _expiry.Dispose();

    internal static bool IsShareError(Exception error) => error is IOException or UnauthorizedAccessException;

    private static async Task<LeaseSight> LookAsync(ILeaseShare share)
    {
        var newest = (await share.ListAsync()).DefaultIfEmpty(0).Max();
        var claim = newest > 0 ? await share.ReadAsync(newest) : null;
        var before = newest > 1 && claim is null ? await share.ReadAsync(newest - 1) : null;
        return new LeaseSight(newest, claim, before);
    }

    private static async Task<Lease?> TryTakeAsync(
        ILeaseShare share, int number, long lookedAt, LeaseTerms terms, LeaseClaim self, TimeProvider time, Action<LeaseLoss> lost)
    {
        self = self with { WrittenAt = time.GetUtcNow() };
        if (!await share.TryCreateAsync(number, self))
            return null;

        // A look that is too old, for instance because this process was paused, can end at a number that was used and deleted since.
        if (time.GetElapsedTime(lookedAt) > LeaseTerms.LookLimit || (await share.ListAsync()).Any(other => other > number))
            return null;
        var claimedAt = time.GetTimestamp();
        if (!await share.TryCreateAsync(number + 1, self) || time.GetElapsedTime(lookedAt) > LeaseTerms.LookLimit)
            return null;
        var lease = new Lease(share, terms, self, time, lost, number + 1, claimedAt);
        if (lease.IsValid)
            return lease;
        lease.Dispose();
        return null;
    }

    /// <summary>False when it did not work and may be tried again.</summary>
    private async Task<bool> TryRenewAsync()
    {
        await _busy.WaitAsync();
        try
        {
            return await RenewAsync();
        }
        catch (Exception error) when (IsShareError(error))
        {
            _lastError = error;
            return false;
        }
        finally
        {
            _busy.Release();
        }
    }

    private async Task<bool> RenewAsync()
    {
        if (_over)
            return true;
        if (!IsValid)
        {
            Expire();
            return false;
        }

        // Not from the last attempt on: a contender may have seen the number since the first one.
        var began = _attemptBegan ??= _time.GetTimestamp();
        if ((await _share.ReadAsync(Number))?.Owner != _self.Owner)
        {
            Lose(new LeaseLoss(LeaseLossKind.Removed));
            return false;
        }

        var next = Number + 1;
        var claim = _self with { WrittenAt = _time.GetUtcNow() };
        if (!await CreateAsync(next, claim))
        {
            // Made by an attempt of ours that seemed to fail, since while our time runs nobody else makes it.
            var found = await _share.ReadAsync(next);
            if (!_attemptMayHaveWorked || (found is not null && found.Owner != _self.Owner))
            {
                Lose(new LeaseLoss(LeaseLossKind.TakenOver, found?.Process));
                return false;
            }

            await _share.DescribeAsync(next, claim);
        }

        lock (_gate)
        {
            if (_over)
            {
                // Given up meanwhile: the number to release is the one behind this.
                Number = Loss is null ? next : Number;
                return true;
            }

            if (IsValid)
            {
                (Number, _claimedAt, _attemptBegan, _attemptMayHaveWorked, _lastError) = (next, began, null, false, null);
                Volatile.Write(ref _validUntil, began + Ticks(_terms.Validity));
                _expiry.Change(Left(), Timeout.InfiniteTimeSpan);
            }
        }

        if (!IsValid)
        {
            Expire();
            return false;
        }

        await DeleteOldAsync();
        return true;
    }

    private async ValueTask<bool> CreateAsync(int number, LeaseClaim claim)
    {
        try
        {
            return await _share.TryCreateAsync(number, claim);
        }
        catch (Exception error) when (IsShareError(error))
        {
            _attemptMayHaveWorked = true;
            throw;
        }
    }

    /// <summary>Old claims, once this owner has seen them for long enough. A failure is no reason to do without the lease.</summary>
    private async Task DeleteOldAsync()
    {
        try
        {
            var numbers = await _share.ListAsync();
            var now = _time.GetTimestamp();
            foreach (var number in numbers)
            {
                var seen = _firstSeen.TryAdd(number, now) ? now : _firstSeen[number];
                if (number < Number - 1 && _time.GetElapsedTime(seen) > LeaseTerms.Retention)
                {
                    await _share.DeleteAsync(number);
                    _firstSeen.Remove(number);
                }
            }
        }
        catch (Exception error) when (IsShareError(error))
        {
            // At the next renewal.
        }
    }

    private TimeSpan Left()
    {
        var left = _time.GetElapsedTime(_time.GetTimestamp(), Volatile.Read(ref _validUntil));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>When the time has run out; called by the timer, which knows nothing of the share and so works while that hangs.</summary>
    private void Expire()
    {
        lock (_gate)
        {
            if (_over)
                return;
            if (IsValid)
            {
                _expiry.Change(Left(), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        // A timer that comes late tells that the process did not run.
        var late = _time.GetTimestamp() - Volatile.Read(ref _validUntil) > Ticks(_terms.Retry);
        Lose(new LeaseLoss(_lastError is null && (_attemptBegan is null || late) ? LeaseLossKind.StoodStill : LeaseLossKind.ShareFailed, Error: _lastError));
    }

    private void Lose(LeaseLoss loss)
    {
        lock (_gate)
        {
            Volatile.Write(ref _validUntil, long.MinValue);
            if (_over)
                return;
            _over = true;
            Loss = loss;
        }

        _lost(loss);
    }
}
