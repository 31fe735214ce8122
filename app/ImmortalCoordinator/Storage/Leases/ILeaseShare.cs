namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>
/// The claims on a share, numbered from 1. The one thing that the lease's safety rests on is that of several makers of one number exactly
/// one succeeds, for ever. Anything may be slow, fail, or be seen late.
/// </summary>
internal interface ILeaseShare
{
    /// <summary>The numbers of all claims, in any order.</summary>
    ValueTask<IReadOnlyList<int>> ListAsync();

    /// <summary>
    /// Makes a claim that does not exist yet, and describes it durably. False when it exists. When it throws (IOException,
    /// UnauthorizedAccessException), the claim may have been made or not, and described or not.
    /// </summary>
    ValueTask<bool> TryCreateAsync(int number, LeaseClaim claim);

    /// <summary>Describes a claim that an earlier <see cref="TryCreateAsync"/> made and could not describe.</summary>
    ValueTask DescribeAsync(int number, LeaseClaim claim);

    /// <summary>Null when there is no such claim, or it is not described.</summary>
    ValueTask<LeaseClaim?> ReadAsync(int number);

    ValueTask DeleteAsync(int number);
}
