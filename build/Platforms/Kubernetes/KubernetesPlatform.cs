using System.Globalization;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>Any cluster that kubectl reaches: the context, the registry and the storage class are the configuration's.</summary>
public sealed class KubernetesPlatform(
    ISettingsProvider settings, KubernetesRoles roles, ImageRegistry registry, DeploymentPlanner planner, ClusterChecks checks, KubernetesCluster cluster,
    KubernetesCleaner cleaner, MachineTraces traces, RunScope scope) : IPlatform
{
    public string Name => "kubernetes";

    public ILogStore LogStore { get; } = new KubernetesLogStore(roles.Volumes);

    public IImageRegistry Registry => registry;

    public ICluster Cluster => cluster;

    public async Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation)
    {
        var access = await roles.Access.GetAsync(cancellation);
        var versions = await checks.RequireAsync(access, cancellation);
        var kubernetes = settings.Settings.Kubernetes;
        return
        [
            $"Cluster:   context {access.Context} of {access.Kubeconfig}, Kubernetes {versions.Server}, kubectl {versions.Client}",
            $"Objects:   in namespace {access.Namespace}, with label {Naming.Selector(settings.Settings.ServiceName)}",
            $"Image:     {(settings.Settings.Images.Public is { } published ? published : kubernetes.Registry is { } server ? $"in {server}{(kubernetes.PullRegistry is { } name ? $", which the nodes call {name}" : "")}" : "on the nodes (no kubernetes.registry)")}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Logs:      {kubernetes.LogSizeGiB} GiB an instance, of {(kubernetes.StorageClass is { } storageClass ? $"storage class {storageClass}" : "the default storage class")}"),
            $"Instances: {string.Join(", ", settings.Settings.Instances.Select(instance => instance.Name))}",
        ];
    }

    public async Task<DeploymentPlan> PlanAsync(CancellationToken cancellation)
    {
        var images = registry.PlanAsync(registryExists: true, cancellation);
        var objects = planner.PlanAsync(cancellation);
        // Of two failures the cluster's is told: without it the image does not matter.
        await Task.WhenAll(images, objects).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var changes = (await objects).Changes;
        return new DeploymentPlan([.. await images, .. changes], []);
    }

    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation)
    {
        var docker = DockerCheck.IsNeeded(settings.Settings, scope) ? registry.DiagnoseAsync(cancellation) : Task.FromResult<IReadOnlyList<Finding>>([]);
        var objects = DiagnoseClusterAsync(cancellation);
        await Task.WhenAll(docker, objects); // both, so that a cancellation leaves nothing running
        return [.. await docker, .. ConfiguredRegistryAccess.Diagnose(settings.Settings.Kubernetes), .. await objects];
    }

    /// <summary>A cluster that cannot be asked is one finding among others.</summary>
    private async Task<IReadOnlyList<Finding>> DiagnoseClusterAsync(CancellationToken cancellation)
    {
        try
        {
            var access = await roles.Access.GetAsync(cancellation);
            return await checks.DiagnoseAsync(access, settings.Settings, await roles.Volumes.GetAsync(cancellation), cancellation);
        }
        catch (BuildException exception)
        {
            var text = exception.Cause is { } cause ? $"{exception.What} ({cause})" : exception.What; // a remedy may speak of its cause
            return [new Finding(FindingSeverity.Error, $"context {settings.Settings.Kubernetes.Context}", text, exception.Remedy ?? "run --target=Configure for the whole message")];
        }
    }

    public string DescribeClean(CleanScope scope) => KubernetesCleaner.Describe(scope);

    public async Task CleanAsync(CleanOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        await traces.CleanAsync(options.Scope, token => cleaner.CleanAsync(options, token), registry.CleanAsync, cancellation);
    }
}
