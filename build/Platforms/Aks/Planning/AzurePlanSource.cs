using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>The Azure part of this run's plan: observed once, and the same for whoever shows it and whoever carries it out.</summary>
public sealed class AzurePlanSource(ISettingsProvider settings, IAzureObserver observer, ServicePrincipals principals, RunScope scope)
{
    private static readonly string[] GroupMakers = [nameof(ProvisionStorage), nameof(ProvisionAcr), nameof(ProvisionAks)];

    private readonly AsyncOnce<ObservedPlan> _plan = new();

    /// <summary>Null before it was asked for.</summary>
    public ObservedPlan? Known => _plan.Known;

    public Task<ObservedPlan> GetAsync(CancellationToken cancellation) => _plan.GetAsync(MakeAsync, cancellation);

    private async Task<ObservedPlan> MakeAsync(CancellationToken cancellation)
    {
        var names = new AzureNames(settings.Settings);
        var needsPrincipal = names.UsesRegistry && names.Azure.Registry.Auth == RegistryAuth.ServicePrincipal;
        var principal = needsPrincipal ? principals.FindAsync(names, cancellation) : Task.FromResult<PullPrincipal?>(null);
        var observation = await observer.ObserveAsync(cancellation);
        var groupStep = GroupMakers.FirstOrDefault(scope.Includes) ?? nameof(ProvisionStorage);
        return new ObservedPlan(settings.Settings, names, observation, AzurePlanner.Plan(settings.Settings, observation, await principal, groupStep));
    }
}

/// <summary>A plan with what it was made from.</summary>
public sealed record ObservedPlan(BuildSettings Settings, AzureNames Names, AzureObservation Observation, AzurePlan Plan)
{
    /// <summary>What of the observation will still be there when Azure has deleted what it is deleting.</summary>
    public AzureObservation Lasting { get; } = Planning.Lasting.Of(Observation);

    /// <summary>There is none, or it is not ready to be asked.</summary>
    public bool IsRegistryMissing => Names.UsesRegistry
        && Plan.Of(AzurePart.Registry) is not { Wait: AzureWait.None, Row.Kind: ChangeKind.Unchanged or ChangeKind.Update };
}
