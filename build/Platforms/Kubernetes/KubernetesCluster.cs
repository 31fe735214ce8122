using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Platforms.Kubernetes.Viewing;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>A cluster that is there already, whoever runs it.</summary>
public sealed class KubernetesCluster(
    IClusterAccess access, ClusterDeployer deployer, KubernetesVerifier verifier, KubernetesImmortality immortality, KubernetesStatus status,
    KubernetesLogs logs) : ICluster
{
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        new($"not needed on kubernetes: the cluster of context {(await access.GetAsync(cancellation)).Context} is used as it is");

    public Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation) => deployer.DeployAsync(options, cancellation);

    public Task<StepOutcome> VerifyAsync(CancellationToken cancellation) => verifier.VerifyAsync(cancellation);

    public Task<StepOutcome> ProveImmortalityAsync(ImmortalityOptions options, CancellationToken cancellation) =>
        immortality.ProveAsync(options, cancellation);

    public Task ShowStatusAsync(CancellationToken cancellation) => status.ShowAsync(cancellation);

    public Task ShowLogsAsync(LogsOptions options, CancellationToken cancellation) => logs.ShowAsync(options, cancellation);
}
