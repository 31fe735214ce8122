using Ambrosia.Build.Platforms.Aks.Observation;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>What will still be there when Azure has deleted what it is deleting. Pure.</summary>
internal static class Lasting
{
    /// <summary>
    /// Everything goes with its group, a share with its account, tokens and role assignments with their registry, and with a cluster its kubelet
    /// identity: one that is made anew has another.
    /// </summary>
    public static AzureObservation Of(AzureObservation observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        if (IsGoing(observed.Group))
            return AzureObservation.Nothing with { Group = observed.Group };
        var storage = IsGoing(observed.Storage?.Resource) ? null : observed.Storage;
        var registry = IsGoing(observed.Registry?.Resource) ? null : observed.Registry;
        return observed with
        {
            Storage = storage,
            Share = storage is null ? null : observed.Share,
            Registry = registry,
            RoleAssignments = registry is null ? [] : observed.RoleAssignments,
            RegistryTokens = registry is null ? [] : observed.RegistryTokens,
            Cluster = IsGoing(observed.Cluster?.Resource) ? null : observed.Cluster,
        };
    }

    private static bool IsGoing(ObservedResource? resource) =>
        resource is not null && ProvisioningStates.PhaseOf(resource) == ProvisioningPhase.Deleting;
}
