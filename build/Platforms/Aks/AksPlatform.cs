using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Aks.Pricing;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Azure: storage account and share, registry, AKS cluster, and the workload in it.</summary>
public sealed class AksPlatform(
    AzurePlanSource plans, AksConfiguration configuration, AzureDoctor doctor, AksLogStore logStore, AksRegistry registry, AksCluster cluster,
    Lazy<AksWorkload> workload, AzureCleaner cleaner) : IPlatform
{
    public string Name => "aks";

    public ILogStore LogStore => logStore;

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public string DescribeClean(CleanScope scope) => AzureCleanPlan.Describe(scope);

    public Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation) => configuration.CheckAsync(cancellation);

    /// <summary>Azure, images and cluster objects. A conflict in Azure stops the run anyway: then the cluster, perhaps not ours, is not asked.</summary>
    public async Task<DeploymentPlan> PlanAsync(CancellationToken cancellation)
    {
        var azure = await plans.GetAsync(cancellation);
        List<PlannedChange> rows = [.. azure.Plan.Actions.Select(action => action.Row)];
        if (!rows.Exists(row => row.Kind == ChangeKind.Conflict))
        {
            var isThere = azure.Plan.Of(AzurePart.Registry) is { Wait: AzureWait.None, Row.Kind: not ChangeKind.Create };
            var images = workload.Value.Images.PlanAsync(isThere, cancellation);
            var objects = workload.Value.Planner.PlanAsync(cancellation);
            await Task.WhenAll(images, objects);
            rows.AddRange([.. await images, .. (await objects).Changes]);
        }

        return new DeploymentPlan(rows, [MonthlyCost.Describe(azure.Settings)]);
    }

    /// <summary>With a plan at hand, what it has observed is not asked again.</summary>
    public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation) =>
        plans.Known is { } plan ? doctor.DiagnoseAsync(plan.Observation, cancellation) : doctor.DiagnoseAsync(cancellation);

    public Task CleanAsync(CleanOptions options, CancellationToken cancellation) => cleaner.CleanAsync(options, cancellation);
}
