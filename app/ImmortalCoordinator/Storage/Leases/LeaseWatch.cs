namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>One look of a contender at the share.</summary>
/// <param name="Newest">The highest number that is claimed; 0 when none is.</param>
/// <param name="Claim">Its description; null while it has none.</param>
/// <param name="Before">The description of the claim before it, where that is needed and there.</param>
internal sealed record LeaseSight(int Newest, LeaseClaim? Claim, LeaseClaim? Before);

/// <summary>
/// Decides whether a contender may claim the next number, from what it has seen and how long ago by its own clock: no stamp of another
/// machine's clock is ever compared with it.
/// </summary>
internal sealed class LeaseWatch(TimeProvider time, LeaseClaim self, Func<LeaseClaim, bool> isOwnerDead)
{
    private int _number;
    private long _since;

    public bool MayClaimNext(LeaseSight sight)
    {
        if (sight.Newest == 0)
            return true;
        if (sight.Newest != _number)
            (_number, _since) = (sight.Newest, time.GetTimestamp());
        return (sight.Claim is { } claim && IsNobodys(claim)) || time.GetElapsedTime(_since) >= WaitFor(sight);
    }

    /// <summary>Also a first claim of our own, that we could not follow up: it gives no right.</summary>
    private bool IsNobodys(LeaseClaim claim) => claim.Released || claim.Owner == self.Owner || isOwnerDead(claim);

    /// <summary>
    /// A claim without a description is either a renewal, whose owner described the claim before it, or a first claim, which gives
    /// no right before its maker also gets the next number.
    /// </summary>
    private TimeSpan WaitFor(LeaseSight sight)
    {
        if (sight.Claim is { } claim)
            return claim.Duration;
        return sight.Before is { } before && before.Duration > self.Duration ? before.Duration : self.Duration;
    }
}
