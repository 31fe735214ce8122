using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Aks.Pricing;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Azure: storage account and share, registry, AKS cluster, and the workload in it.</summary>
public sealed class AksPlatform(
    AzurePlanSource plans, AksConfiguration configuration, AzureDoctor doctor, AksLogStore logStore, AksRegistry registry, AksCluster cluster,
    AzureCleaner cleaner) : IPlatform
{
    public string Name => "aks";

    public ILogStore LogStore => logStore;

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public string DescribeClean(CleanScope scope) => AzureCleanPlan.Describe(scope);

    public Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation) => configuration.CheckAsync(cancellation);

    public async Task<DeploymentPlan> PlanAsync(CancellationToken cancellation)
    {
        var plan = await plans.GetAsync(cancellation);
        return new DeploymentPlan([.. plan.Plan.Actions.Select(action => action.Row)], [MonthlyCost.Describe(plan.Settings)]);
    }

    /// <summary>With a plan at hand, what it has observed is not asked again.</summary>
    public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation) =>
        plans.Known is { } plan ? doctor.DiagnoseAsync(plan.Observation, cancellation) : doctor.DiagnoseAsync(cancellation);

    public Task CleanAsync(CleanOptions options, CancellationToken cancellation) => cleaner.CleanAsync(options, cancellation);
}
