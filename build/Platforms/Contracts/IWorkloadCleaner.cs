using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Platforms.Contracts;

/// <summary>The part of Clean that lies inside the cluster: instances, their volumes, Secrets. Selects by our own labels and namespace alone.</summary>
public interface IWorkloadCleaner
{
    /// <summary>What would be removed: rows of kind Delete; and what is kept though the scope takes it, as Unchanged. Empty where there is nothing, or no cluster.</summary>
    /// <param name="keepsShares">With <see cref="CleanScope.Logs"/>, folders on a share are left alone: whoever asks empties the share itself.</param>
    Task<IReadOnlyList<PlannedChange>> PlanAsync(CleanScope scope, bool keepsShares, CancellationToken cancellation);

    /// <summary>
    /// Removes it and returns when it is gone. With <see cref="CleanScope.Auth"/> the Secrets alone; with <see cref="CleanScope.Logs"/> it stops
    /// the instances and empties logs that lie on volumes of the cluster.
    /// </summary>
    /// <param name="keepsShares">As for <see cref="PlanAsync"/>.</param>
    Task CleanAsync(CleanScope scope, bool keepsShares, CancellationToken cancellation);

    /// <summary>
    /// For whoever has emptied the share itself: claims on it no longer record code whose logs are gone, which would stop other code from starting
    /// there. Nothing where there is no cluster.
    /// </summary>
    Task ForgetLogCodeAsync(CancellationToken cancellation);
}
