using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>The parts of a deployment in Azure, in the order of their rows.</summary>
public enum AzurePart
{
    Group,
    StorageAccount,
    Share,
    Registry,
    Cluster,

    /// <summary>The right, or the token, with which the cluster pulls images.</summary>
    PullAccess,
}

/// <summary>What to wait for before anything is done to a part, because an earlier run or somebody else is at it.</summary>
public enum AzureWait
{
    None,

    /// <summary>Until its provisioning state is final.</summary>
    Settled,

    /// <summary>Until it is deleted.</summary>
    Gone,
}

/// <summary>What a run does about one part.</summary>
/// <param name="Commands">
/// What a person would type, in order. Empty where nothing is to be done, and for a pull right, whose principal is known only later.
/// </param>
public sealed record AzureAction(AzurePart Part, AzureWait Wait, IReadOnlyList<AzCommand> Commands, PlannedChange Row)
{
    /// <summary>There is something to wait for or to do.</summary>
    public bool IsWork => Wait != AzureWait.None || Row.Kind is ChangeKind.Create or ChangeKind.Update;
}
