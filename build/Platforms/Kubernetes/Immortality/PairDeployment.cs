using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Immortality;

/// <summary>Makes the pair that a proof kills, and removes it with its logs.</summary>
public sealed class PairDeployment(KubernetesRoles roles, LogEraser eraser, Registrar registrar, ClusterServices services)
{
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(11); // a pod has its grace period, and a node that is gone five minutes

    /// <summary>What the pair is made of; nothing is made yet.</summary>
    public async Task<DeploymentSpec> PrepareAsync(BuildSettings pair, CancellationToken cancellation) => new(
        pair, await roles.Images.ResolveAsync(cancellation), await roles.Volumes.GetAsync(cancellation), await roles.Volumes.ShareKeyAsync(cancellation),
        await roles.Registry.PullLoginAsync(cancellation), await roles.Connection.GetConnectionStringAsync(cancellation));

    /// <summary>What fails or is cancelled here leaves a part of the pair behind: <see cref="RemoveAsync"/> is called then, too.</summary>
    /// <param name="settings">Of the user's deployment.</param>
    public async Task MakeAsync(ClusterAccess access, BuildSettings settings, DeploymentSpec spec, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        // Of a proof that was cut off: its logs would be replayed.
        await RemoveAsync(access, spec, cancellation);
        var objects = ManifestBuilder.Build(spec);
        await registrar.RegisterAsync(
            new KubernetesPlan(spec, [.. objects.Select(item => new PlannedObject(item, null, ObjectAction.Create, "does not exist"))]), cancellation);
        var there = await ThereAsync(access, objects, cancellation);
        List<KubeObject> wanted = [.. objects.Where(item => item.Kind != "Namespace" && !there.Contains(item.Id))];
        if (await NamespaceIsMissingAsync(access, cancellation))
            wanted.Insert(0, ManifestBuilder.Build(spec with { Settings = settings }).First(item => item.Kind == "Namespace"));
        await services.Kubectl.ApplyAsync(access, KubeObject.ToManifest(wanted), cancellation);
    }

    public async Task RemoveAsync(ClusterAccess access, DeploymentSpec spec, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var kubectl = services.Kubectl;
        var selector = Naming.Selector(spec.ServiceName);
        await kubectl.DeleteByLabelAsync(access, ["statefulsets"], selector, Gone, cancellation);
        await kubectl.DeleteByLabelAsync(access, ["pods"], selector, Gone, cancellation);
        if (spec.IsOnShare)
        {
            var claims = await kubectl.ListAsync(access, ["persistentvolumeclaims"], selector, cancellation);
            var names = claims.Select(claim => new KubeObject(claim).Label(Naming.InstanceLabel)).OfType<string>();
            await eraser.EraseAsync(access, spec, [.. names.Select(name => new LogFolder(spec.ServiceName, name))], cancellation);
        }

        string[] secrets = spec.NeedsSecrets ? ["secrets"] : []; // an account may have no right to them where none is made
        await kubectl.DeleteByLabelAsync(access, ["services", .. secrets, "persistentvolumeclaims"], selector, Gone, cancellation);
        if (spec.IsOnShare)
            await kubectl.DeleteAsync(access, await VolumesAsync(access, selector, cancellation), Gone, cancellation);
    }

    /// <summary>Volumes have no namespace: a deployment of the same name in another one has the same labels, and its volumes are not ours.</summary>
    private async Task<IReadOnlyList<string>> VolumesAsync(ClusterAccess access, string selector, CancellationToken cancellation)
    {
        var volumes = await services.Kubectl.ListAsync<V1PersistentVolume>(access, "persistentvolumes", selector, cancellation);
        return [.. volumes.Where(volume => volume.Spec?.ClaimRef?.NamespaceProperty == access.Namespace).Select(volume => $"persistentvolume/{volume.Metadata.Name}")];
    }

    /// <summary>Secrets are the user's deployment's where it is there: they have one name for all, and must keep their owner.</summary>
    private async Task<HashSet<string>> ThereAsync(ClusterAccess access, IReadOnlyList<KubeObject> objects, CancellationToken cancellation)
    {
        var names = objects.Where(item => item.Kind == "Secret").Select(item => item.Id).ToList();
        if (names.Count == 0)
            return [];
        var result = await services.Kubectl.RunAsync(
            access, new KubectlCommand(["get", .. names, "--ignore-not-found", "--output", "name"]), cancellation);
        return [.. result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }

    /// <summary>An account that may not look is taken to have been given the namespace.</summary>
    private async Task<bool> NamespaceIsMissingAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await services.Kubectl.TryAsync(
            access, new KubectlCommand("get", $"namespace/{access.Namespace}", "--ignore-not-found", "--output", "name"), cancellation);
        return result.Succeeded && result.StandardOutput.Trim().Length == 0;
    }
}
