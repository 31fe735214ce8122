using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>
/// Reads what a plan needs: two calls, however many instances there are, and a third one only where something is missing, to see whether
/// somebody else's object stands in its place, or where a volume is to grow, to see whether its storage class lets it.
/// </summary>
public sealed class ClusterObserver(KubectlCli kubectl)
{
    private static readonly string[] Kinds = ["statefulsets", "services", "persistentvolumeclaims", "secrets", "persistentvolumes"];

    public async Task<ObservedObjects> ObserveAsync(ClusterAccess access, DeploymentSpec spec, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(spec);
        // Volumes belong to no namespace: an account may have no right to see them, and needs none where volumes are dynamic.
        var kinds = spec.IsOnShare ? Kinds : Kinds[..^1];
        var ours = kubectl.ListWhatMayBeReadAsync(access, kinds, Naming.Selector(spec.ServiceName), cancellation, spec.NeedsSecrets ? null : "secrets");
        var space = NamespaceAsync(access, cancellation);
        // The first model that is serialised costs a third of a second: meanwhile the cluster answers.
        var wanted = Task.Run(() => ManifestBuilder.Build(spec), cancellation);
        await Task.WhenAll(ours, space, wanted);
        List<KubeObject> objects = [.. (await ours).Select(item => new KubeObject(item))];
        var (found, isReadable) = await space;
        if (found is not null || !isReadable)
            objects.AddRange(await OthersAsync(access, await wanted, objects, cancellation));
        return new ObservedObjects(true, found, isReadable, objects)
        {
            AllowsGrowth = KubernetesPlanner.Grows(spec, objects) ? await GrowthAsync(access, cancellation) : new Dictionary<string, bool>(),
        };
    }

    /// <summary>
    /// The objects as the server would store them. None where it cannot tell: the account may have no right to it, or a webhook of the cluster takes
    /// no dry runs; then the difference is taken for a change.
    /// </summary>
    /// <exception cref="Errors.BuildException">AMB5012: the server would refuse an object as it is.</exception>
    public async Task<IReadOnlyList<KubeObject>> RehearseAsync(ClusterAccess access, IReadOnlyList<KubeObject> objects, CancellationToken cancellation)
    {
        var command = KubectlCli.ApplyCommand(KubeObject.ToManifest(objects), "--dry-run=server", "--output", "json");
        var result = await kubectl.TryAsync(access, command, cancellation);
        // A webhook that takes no dry runs is a bad request, too: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#side-effects
        if (result.Failure is { Kind: KubectlFailureKind.Invalid } && !result.StandardError.Contains("does not support dry run", StringComparison.Ordinal))
            throw kubectl.Failed(command, result, "The cluster would refuse what is to be changed; nothing was changed.");
        return result.Succeeded ? [.. KubectlCli.Items(result).Select(item => new KubeObject(item))] : [];
    }

    /// <summary>Classes belong to no namespace: who may not look learns it from the server's refusal.</summary>
    private async Task<IReadOnlyDictionary<string, bool>> GrowthAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await kubectl.TryAsync(access, new KubectlCommand("get", "storageclasses", "--output", "json"), cancellation);
        return result.Succeeded
            ? KubectlCli.Items(result).Select(item => new KubeObject(item)).ToDictionary(item => item.Name, item => (bool?)item.Content["allowVolumeExpansion"] == true)
            : new Dictionary<string, bool>();
    }

    private async Task<(KubeObject? Namespace, bool IsReadable)> NamespaceAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var command = new KubectlCommand("get", "namespace", access.Namespace, "--ignore-not-found", "--output", "json");
        var result = await kubectl.TryAsync(access, command, cancellation);
        return result switch
        {
            { Failure: null } => (KubectlCli.Items(result) is [var found] ? new KubeObject(found) : null, true),
            { Failure.Kind: KubectlFailureKind.Forbidden } => (null, false),
            _ => throw kubectl.Failed(command, result),
        };
    }

    /// <summary>Objects of our names without our label.</summary>
    private async Task<IEnumerable<KubeObject>> OthersAsync(
        ClusterAccess access, IEnumerable<KubeObject> wanted, IEnumerable<KubeObject> ours, CancellationToken cancellation)
    {
        var known = ours.Select(live => live.Id).ToHashSet();
        var missing = wanted
            .Where(item => item.Kind != "Namespace")
            .Select(item => item.Id)
            .Where(id => !known.Contains(id))
            .ToList();
        return (await kubectl.GetWhatMayBeReadAsync(access, missing, cancellation)).Select(item => new KubeObject(item));
    }
}
