using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>A cluster that somebody else runs.</summary>
public sealed class KubernetesCluster(IClusterAccess access, ClusterDeployer deployer, KubernetesVerifier verifier) : ICluster
{
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        new($"not needed on kubernetes: the cluster of context {(await access.GetAsync(cancellation)).Context} is used as it is");

    public Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation) => deployer.DeployAsync(options, cancellation);

    public Task<StepOutcome> VerifyAsync(CancellationToken cancellation) => verifier.VerifyAsync(cancellation);

    public Task<StepOutcome> ProveImmortalityAsync(ImmortalityOptions options, CancellationToken cancellation) => throw new NotSupportedException();

    public Task ShowStatusAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task ShowLogsAsync(LogsOptions options, CancellationToken cancellation) => throw new NotSupportedException();
}
