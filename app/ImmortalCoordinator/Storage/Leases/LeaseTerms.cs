namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>The times of a lease, all derived from its duration.</summary>
/// <param name="Duration">What a contender must wait for without seeing a change, before it may take the lease.</param>
internal sealed record LeaseTerms(TimeSpan Duration)
{
    public const int DefaultSeconds = 15;

    /// <summary>
    /// A claim's file stays for so long after its owner first saw it, whatever the duration. So whoever looks at the newest claim and
    /// claims the next number within <see cref="LookLimit"/> cannot hit a number that was used and deleted in between. The difference is
    /// room for directory listings that a network file system cached (NFS: up to 60 s).
    /// </summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(3);

    /// <summary>How old the look may be on which a claim rests.</summary>
    public static readonly TimeSpan LookLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What the owner may rely on, counted from before it made its claim. Shorter than what contenders wait for, so that two clocks may
    /// run at speeds that differ by a tenth.
    /// </summary>
    public TimeSpan Validity => Duration * 0.9;

    /// <summary>From one claim to the next.</summary>
    public TimeSpan Renewal => Duration / 3;

    /// <summary>After a renewal that failed.</summary>
    public TimeSpan Retry => Duration / 15;

    /// <summary>From one look of a contender to the next.</summary>
    public TimeSpan Poll => TimeSpan.FromMilliseconds(Math.Clamp(Duration.TotalMilliseconds / 20, 50, 500));
}
