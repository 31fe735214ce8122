using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Aks.Pricing;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Azure: storage account and share, registry, AKS cluster, and the workload in it.</summary>
public sealed class AksPlatform(
    AzurePlanSource plans, AksConfiguration configuration, AzureDoctor doctor, AksLogStore logStore, AksRegistry registry, AksCluster cluster,
    Lazy<AksWorkload> workload, AzureCleaner cleaner, MachineTraces traces, RunScope scope) : IPlatform
{
    public string Name => "aks";

    public ILogStore LogStore => logStore;

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public string DescribeClean(CleanScope scope) => AzureCleanPlan.Describe(scope);

    public Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation) => configuration.CheckAsync(cancellation);

    /// <summary>Azure, images and cluster objects. A conflict in Azure is never approved, whatever the run's tasks: then the cluster, perhaps not ours, is not asked.</summary>
    public async Task<DeploymentPlan> PlanAsync(CancellationToken cancellation)
    {
        var azure = await plans.GetAsync(cancellation);
        List<PlannedChange> rows = [.. azure.Plan.Actions.Select(action => action.Row)];
        List<string> notes = [MonthlyCost.Describe(azure.Settings)];
        if (rows.Exists(row => row.Kind == ChangeKind.Conflict))
            return new DeploymentPlan(rows, notes);

        // Who only provisions need not reach the cluster, nor have an image.
        var images = Reaches(nameof(Tasks.BuildImages)) ? PlanImagesAsync(!azure.IsRegistryMissing, notes, cancellation) : Nothing;
        var objects = scope.Includes(nameof(Tasks.Plan)) || scope.Includes(nameof(Tasks.Deploy)) ? PlanObjectsAsync(cancellation) : Nothing;
        await Task.WhenAll(images, objects);
        rows.AddRange([.. await images, .. await objects]);
        return new DeploymentPlan(rows, notes);
    }

    private static Task<IReadOnlyList<PlannedChange>> Nothing => Task.FromResult<IReadOnlyList<PlannedChange>>([]);

    private bool Reaches(string task) =>
        scope.Includes(task) || scope.Includes(nameof(Tasks.Plan)) || scope.Includes(nameof(Tasks.Push)) || scope.Includes(nameof(Tasks.Deploy));

    private async Task<IReadOnlyList<PlannedChange>> PlanObjectsAsync(CancellationToken cancellation) =>
        [.. (await workload.Value.Planner.PlanAsync(cancellation)).Changes];

    /// <summary>Without Docker nothing is known of the images; who only looks, or provisions, needs none. Doctor asks for it where it is needed.</summary>
    private async Task<IReadOnlyList<PlannedChange>> PlanImagesAsync(bool registryIsThere, List<string> notes, CancellationToken cancellation)
    {
        try
        {
            return await workload.Value.Images.PlanAsync(registryIsThere, cancellation);
        }
        catch (BuildException exception) when (exception.Code is ErrorCode.DockerUnavailable or ErrorCode.ToolMissing)
        {
            notes.Add("Images: not known, Docker is not there or not running");
            return [];
        }
    }

    /// <summary>With a plan at hand, what it has observed is not asked again.</summary>
    public Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation) =>
        plans.Known is { } plan ? doctor.DiagnoseAsync(plan.Observation, cancellation) : doctor.DiagnoseAsync(cancellation);

    public async Task CleanAsync(CleanOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        await traces.CleanAsync(options.Scope, token => cleaner.CleanAsync(options, token), token => workload.Value.Images.CleanAsync(token), cancellation);
    }
}
