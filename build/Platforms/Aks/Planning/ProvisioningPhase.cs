using Ambrosia.Build.Platforms.Aks.Observation;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>What a provisioning state means for a plan.</summary>
public enum ProvisioningPhase
{
    Ready,

    /// <summary>Somebody is at it: an interrupted run of ours, or a person.</summary>
    Busy,

    Deleting,

    /// <summary>The last operation on it ended badly.</summary>
    Broken,
}

public static class ProvisioningStates
{
    public static ProvisioningPhase PhaseOf(ObservedResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PhaseOf(resource.ProvisioningState);
    }

    /// <param name="state">As ARM gives it; empty where it gives none, as for what has no long operations.</param>
    public static ProvisioningPhase PhaseOf(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.ToUpperInvariant() switch
        {
            "" or "SUCCEEDED" => ProvisioningPhase.Ready,
            "FAILED" or "CANCELED" or "CANCELLED" => ProvisioningPhase.Broken,
            "DELETING" => ProvisioningPhase.Deleting,
            _ => ProvisioningPhase.Busy, // Creating, Updating, Scaling, Upgrading, ResolvingDns, Accepted …
        };
    }
}
