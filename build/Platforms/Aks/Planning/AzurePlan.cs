namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>The Azure part of a plan: one action for each part that the configuration has.</summary>
public sealed record AzurePlan(IReadOnlyList<AzureAction> Actions)
{
    /// <summary>Null where the configuration does without that part.</summary>
    public AzureAction? Of(AzurePart part) => Actions.FirstOrDefault(action => action.Part == part);
}
