using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Platforms.Contracts;

/// <summary>The part of Clean that lies inside the cluster: instances, their volumes, Secrets. Selects by our own labels and namespace alone.</summary>
public interface IWorkloadCleaner
{
    /// <summary>What would be removed: rows of kind Delete. Empty where there is nothing, or no cluster.</summary>
    Task<IReadOnlyList<PlannedChange>> PlanAsync(CleanScope scope, CancellationToken cancellation);

    /// <summary>
    /// Removes it and returns when it is gone. With <see cref="CleanScope.Auth"/> the Secrets alone; with <see cref="CleanScope.Logs"/> it stops
    /// the instances and empties logs that lie on volumes of the cluster.
    /// </summary>
    Task CleanAsync(CleanScope scope, CancellationToken cancellation);
}
