using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <inheritdoc cref="IWorkloadCleaner"/>
public sealed class KubernetesWorkloadCleaner(
    ISettingsProvider settings, KubernetesRoles roles, LogEraser eraser, ClusterServices services) : IWorkloadCleaner
{
    private const string NamespaceKind = "Namespace";

    /// <summary>A pod has its grace period of five minutes, and a node that is gone its time-out of five minutes.</summary>
    private static readonly TimeSpan PodsGone = TimeSpan.FromMinutes(11);

    private static readonly TimeSpan ObjectsGone = TimeSpan.FromMinutes(2);

    /// <summary>What others make for our objects goes after them, when the garbage collector comes to it.</summary>
    private static readonly TimeSpan GarbageGone = TimeSpan.FromSeconds(30);

    /// <summary>A provider deletes a disk when it is detached from its node, and a provisioner tries again at growing distances.</summary>
    private static readonly TimeSpan DisksGone = TimeSpan.FromMinutes(10);

    /// <summary>What lasts no longer is not worth a word.</summary>
    private static readonly TimeSpan Unmentioned = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(2);

    private int _toldOfUnseenSecrets;

    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(CleanScope scope, bool keepsShares, CancellationToken cancellation)
    {
        if (!await roles.Access.ExistsAsync(cancellation))
            return [];
        var access = await roles.Access.GetAsync(cancellation);
        List<PlannedChange> changes = [.. (await SelectAsync(access, scope, keepsShares, cancellation)).ToChanges(access.Namespace)];
        if (scope == CleanScope.All && await OwnNamespaceAsync(access, cancellation) is { } own)
        {
            changes.Add(own.IsEmpty
                ? new PlannedChange("Clean", own.Namespace.Title, ChangeKind.Delete, "made by this deployment, and nothing else is in it")
                : new PlannedChange("Clean", own.Namespace.Title, ChangeKind.Unchanged, $"kept: {own.KeptBecause}"));
        }

        return changes;
    }

    public async Task CleanAsync(CleanScope scope, bool keepsShares, CancellationToken cancellation)
    {
        if (!await roles.Access.ExistsAsync(cancellation))
            return;
        var access = await roles.Access.GetAsync(cancellation);
        var selection = await SelectAsync(access, scope, keepsShares, cancellation);
        var behind = await VolumesBehindAsync(access, selection, cancellation);
        var isPromised = scope == CleanScope.All && await OwnNamespaceAsync(access, cancellation) is { IsEmpty: true };
        var kubectl = services.Kubectl;
        await kubectl.DeleteAsync(access, Ids(selection.Workloads), PodsGone, cancellation);
        // The StatefulSet is gone before its pods are, and a log in use must not be emptied.
        await PodsAreGoneAsync(access, selection, cancellation);
        await EraseSharesAsync(access, selection, cancellation);
        await kubectl.DeleteAsync(access, Ids(selection.Others), ObjectsGone, cancellation);
        await kubectl.DeleteAsync(access, Ids(selection.Volumes), ObjectsGone, cancellation);
        var kept = isPromised ? await DeleteNamespaceAsync(access, selection, cancellation) : null;
        await LookAgainAsync(access, scope, behind, cancellation);
        if (kept is not null)
            throw Incomplete([$"{kept.Namespace.Title}: kept, since {kept.KeptBecause}"]);
    }

    public async Task ForgetLogCodeAsync(CancellationToken cancellation)
    {
        if (!await roles.Access.ExistsAsync(cancellation))
            return;
        var access = await roles.Access.GetAsync(cancellation);
        var claims = (await services.Kubectl.ListAsync(access, ["persistentvolumeclaims"], Selector, cancellation)).Select(item => new KubeObject(item));
        await ForgetLogCodeAsync(access, claims.Where(CleanSelection.IsOnShare).Select(claim => claim.Id), cancellation);
    }

    /// <summary>The deployment itself, and the pair that Immortality made and may not have been able to remove.</summary>
    private string Selector => $"{Naming.DeploymentLabel} in ({string.Join(',', Deployments)})";

    private string[] Deployments => [settings.Settings.ServiceName, Immortality.OwnPair.ServiceNameOf(settings.Settings)];

    private async Task<CleanSelection> SelectAsync(
        ClusterAccess access, CleanScope scope, bool keepsShares, CancellationToken cancellation)
    {
        // RBAC may end at the namespace: then there are no volumes of ours either, since we could not have made them.
        var dispensable = DeploymentSpec.MayMakeSecrets(settings.Settings) ? null : "secrets";
        var found = await services.Kubectl.ListWhatMayBeReadAsync(access, CleanSelection.Kinds, Selector, cancellation, dispensable, TellOfUnseenSecrets);
        return CleanSelection.Of(scope, found.Select(item => new KubeObject(item)), access.Namespace, keepsShares);
    }

    private void TellOfUnseenSecrets()
    {
        if (Interlocked.Exchange(ref _toldOfUnseenSecrets, 1) == 0)
            services.Console.Warning("Secrets may not be listed by this account. This configuration makes none; one that an earlier configuration made stays.");
    }

    private async Task PodsAreGoneAsync(ClusterAccess access, CleanSelection selection, CancellationToken cancellation)
    {
        if (selection.Pods.Count == 0)
            return;
        await services.Kubectl.DeleteAsync(access, Ids(selection.Pods), PodsGone, cancellation);
        var left = await services.Kubectl.ListAsync(access, ["pods"], Selector, cancellation);
        if (left.Count > 0)
            throw Incomplete(left.Select(item => $"{new KubeObject(item).Title}: is still there"));
    }

    private async Task EraseSharesAsync(ClusterAccess access, CleanSelection selection, CancellationToken cancellation)
    {
        if (selection.Shares.Count == 0)
            return;
        if (selection.Workloads.Select(ImageOf).FirstOrDefault(image => image is not null) is not { } image)
        {
            throw new BuildException(
                ErrorCode.CleanIncomplete, "The instances' folders on the share cannot be emptied: nothing is deployed whose image could do it.",
                remedy: "./build.sh --target=Deploy --fresh starts from empty logs; or empty the folders with the storage account's own tools");
        }

        var spec = new DeploymentSpec(
            settings.Settings, image, await roles.Volumes.GetAsync(cancellation), await roles.Volumes.ShareKeyAsync(cancellation),
            await roles.Registry.PullLoginAsync(cancellation), ConnectionString: null);
        await eraser.EraseAsync(access, spec, selection.Shares, cancellation);
        // Only now: a record of code that has left nothing would stop the next deployment, and none at all would let any code replay what is left.
        await ForgetLogCodeAsync(access, selection.Shares.Select(folder => $"persistentvolumeclaim/{Naming.Claim(folder.Instance)}"), cancellation);
    }

    private async Task ForgetLogCodeAsync(ClusterAccess access, IEnumerable<string> claims, CancellationToken cancellation)
    {
        var ids = claims.ToList();
        if (ids.Count > 0)
            await services.Kubectl.RunAsync(access, new KubectlCommand(["annotate", .. ids, $"{Naming.LogCodeAnnotation}-"]), cancellation);
    }

    private static ContainerImage? ImageOf(KubeObject workload)
    {
        return Planning.KubernetesPlanner.ImageOf(workload) is { } reference
            ? new ContainerImage(reference, IsPublic: false, IsOnNodes: (string?)ContainerCode.ContainerOf(workload.Content["spec"])?["imagePullPolicy"] == "Never")
            : null;
    }

    /// <summary>Volumes that a provisioner made for claims that are removed: whether they go with them is the storage class's word.</summary>
    private async Task<IReadOnlyList<string>> VolumesBehindAsync(ClusterAccess access, CleanSelection selection, CancellationToken cancellation)
    {
        var names = selection.Volumes.Where(item => item.Kind == "PersistentVolumeClaim")
            .Select(claim => (string?)claim.Content["spec"]?["volumeName"]).OfType<string>().ToList();
        if (names.Count == 0)
            return [];
        // Whoever may not list them cannot be told of them.
        var result = await services.Kubectl.TryAsync(access, new KubectlCommand("get", "persistentvolumes", "--output", "name"), cancellation);
        return result.Succeeded ? names : [];
    }

    private async Task LookAgainAsync(ClusterAccess access, CleanScope scope, IReadOnlyList<string> volumes, CancellationToken cancellation)
    {
        var since = services.Time.GetTimestamp();
        var isTold = false;
        while (true)
        {
            var left = (await SelectAsync(access, scope, keepsShares: true, cancellation)).All.ToList();
            var behind = volumes.Count == 0
                ? []
                : (await services.Kubectl.ListAsync(access, ["persistentvolumes"], null, cancellation)).Select(item => new KubeObject(item))
                    .Where(item => volumes.Contains(item.Name)).ToList();
            if (left.Count == 0 && behind.Count == 0)
                return;
            // A provisioner deletes a disk when it comes to it; one that is kept stays for ever.
            var elapsed = services.Time.GetElapsedTime(since);
            IReadOnlyList<KubeObject> ending = [.. behind.Where(item => !IsRetained(item))];
            if ((left.Count == 0 && ending.Count == 0) || elapsed > (left.Count > 0 ? ObjectsGone : DisksGone))
            {
                throw Incomplete([
                    .. left.Select(item => $"{item.Title}: {(item.Content["metadata"]?["finalizers"] is { } finalizers ? $"held by {finalizers.ToJsonString()}" : "is still there")}"),
                    .. behind.Select(item => IsRetained(item)
                        ? $"{item.Title}: kept by its reclaim policy Retain, with the logs on it; {UserCommands.Line(access, "delete", item.Id)} lets go of it, the disk itself is then the provider's to delete"
                        : $"{item.Title}: its provisioner has not deleted it{((string?)item.Content["status"]?["message"] is { Length: > 0 } why ? $": {services.Mask.Mask(why)}" : " yet")}"),
                ]);
            }

            if (!isTold && ending.Count > 0 && elapsed > Unmentioned)
            {
                isTold = true;
                services.Console.Event($"Waiting up to {Figures.Clock(DisksGone)} for the provisioner to delete {Titles(ending)}");
            }

            await Task.Delay(LookPeriod, services.Time, cancellation);
        }
    }

    private static bool IsRetained(KubeObject volume) => (string?)volume.Content["spec"]?["persistentVolumeReclaimPolicy"] == "Retain";

    /// <summary>The namespace that was to go: not with what somebody has put into it meanwhile.</summary>
    /// <returns>Null when it is gone.</returns>
    private async Task<OwnNamespace?> DeleteNamespaceAsync(ClusterAccess access, CleanSelection selection, CancellationToken cancellation)
    {
        var deleted = selection.All.Select(item => (string?)item.Content["metadata"]?["uid"]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var since = services.Time.GetTimestamp();
        while (await OwnNamespaceAsync(access, cancellation, deleted) is { } own)
        {
            if (own.IsEmpty)
            {
                await services.Kubectl.DeleteAsync(access, [own.Namespace.Id], PodsGone, cancellation);
                return null;
            }

            if (services.Time.GetElapsedTime(since) > GarbageGone)
                return own;
            await Task.Delay(LookPeriod, services.Time, cancellation);
        }

        return null;
    }

    /// <summary>The namespace when we have made it, with what others have put into it; null when it is not ours to remove.</summary>
    /// <param name="deleted">Uids of objects of ours that are gone: what still names one as its owner goes after it.</param>
    private async Task<OwnNamespace?> OwnNamespaceAsync(ClusterAccess access, CancellationToken cancellation, IReadOnlySet<string>? deleted = null)
    {
        var command = new KubectlCommand("get", $"{NamespaceKind.ToLowerInvariant()}/{access.Namespace}", "--ignore-not-found", "--output", "json");
        var result = await services.Kubectl.TryAsync(access, command, cancellation);
        if (!result.Succeeded || System.Text.Json.Nodes.JsonNode.Parse(result.StandardOutput.Length == 0 ? "null" : result.StandardOutput) is not System.Text.Json.Nodes.JsonObject live)
            return null;
        var found = new KubeObject(live);
        if (found.Label(Naming.DeploymentLabel) != settings.Settings.ServiceName)
            return null;
        // Also kinds that nobody here knows: whatever the cluster has that can be deleted.
        var listKinds = new KubectlCommand("api-resources", "--namespaced", "--verbs=list,delete", "--output", "name");
        var kinds = await services.Kubectl.TryAsync(access, listKinds, cancellation);
        var names = kinds.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // With an API that does not answer kubectl lists the others, and fails all the same.
        if (!kinds.Succeeded && names.Length == 0)
            throw services.Kubectl.Failed(listKinds, kinds);
        var list = new KubectlCommand("get", string.Join(',', names), "--output", "json");
        var all = await services.Kubectl.TryAsync(access, list, cancellation);
        if (all.Failure is { Kind: KubectlFailureKind.Unreachable or KubectlFailureKind.Unauthorized })
            throw services.Kubectl.Failed(list, all);
        var foreign = ForeignObjects.In(KubectlCli.Items(all).Select(item => new KubeObject(item)), label => Deployments.Contains(label), deleted);
        return new OwnNamespace(found, foreign, UnseenParts.Of(kinds) ?? UnseenParts.Of(all));
    }

    /// <param name="Unseen">Why not everything in it could be looked at; null where it could. Nobody knows then what would be lost.</param>
    private sealed record OwnNamespace(KubeObject Namespace, IReadOnlyList<KubeObject> Foreign, string? Unseen)
    {
        public bool IsEmpty => Unseen is null && Foreign.Count == 0;

        public string KeptBecause => Foreign.Count > 0 ? $"others have put {Titles(Foreign)} into it" : Unseen!;
    }

    private static string Titles(IReadOnlyList<KubeObject> objects) =>
        string.Join(", ", objects.Take(5).Select(item => item.Title)) + (objects.Count > 5 ? $" and {objects.Count - 5} more" : "");

    private static IReadOnlyList<string> Ids(IEnumerable<KubeObject> objects) => [.. objects.Select(item => item.Id)];

    private static BuildException Incomplete(IEnumerable<string> left) => new(
        ErrorCode.CleanIncomplete, $"Not everything is gone:{string.Concat(left.Select(line => $"\n  {line}"))}",
        remedy: "do what is said above, and run Clean again");
}
