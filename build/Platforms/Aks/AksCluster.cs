using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>An AKS cluster, which from Deploy on is a Kubernetes cluster like any other.</summary>
/// <param name="workload">The instances in it; made at the first demand.</param>
public sealed class AksCluster(AzureChangeGraph graph, RunScope scope, Lazy<AksWorkload> workload) : ICluster
{
    /// <summary>Images are built while Azure makes the cluster; a run that goes on to Deploy awaits it there.</summary>
    public Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        graph.ProvisionAsync(nameof(ProvisionAks), onlyBegin: scope.Includes(nameof(Deploy)) || scope.Includes(nameof(Immortality)), cancellation);

    public async Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation)
    {
        await graph.AwaitClusterAsync(cancellation);
        return await workload.Value.Cluster.DeployAsync(options, cancellation);
    }

    public Task<StepOutcome> VerifyAsync(CancellationToken cancellation) => workload.Value.Cluster.VerifyAsync(cancellation);

    public async Task<StepOutcome> ProveImmortalityAsync(ImmortalityOptions options, CancellationToken cancellation)
    {
        await graph.AwaitClusterAsync(cancellation);
        return await workload.Value.Cluster.ProveImmortalityAsync(options, cancellation);
    }

    public Task ShowStatusAsync(CancellationToken cancellation) => workload.Value.Cluster.ShowStatusAsync(cancellation);

    public Task ShowLogsAsync(LogsOptions options, CancellationToken cancellation) => workload.Value.Cluster.ShowLogsAsync(options, cancellation);
}
