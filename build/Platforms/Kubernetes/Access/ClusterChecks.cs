using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Access;

/// <summary>Looks for what would make a deployment fail late: versions, rights, storage class, the nodes' processors. Changes nothing.</summary>
public sealed class ClusterChecks(KubectlCli kubectl, ImageLoader loader)
{
    /// <summary>The oldest minor version of kubectl 1 that the suite is tested with.</summary>
    public const int MinimumMinor = 31;

    /// <summary>An apply is a patch, which makes what is missing where one may also create.</summary>
    private static readonly string[] ManagingVerbs = ["create", "get", "list", "patch", "delete"];

    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The versions, when they are good enough to go on.</summary>
    /// <exception cref="BuildException">AMB2004: kubectl is too old. AMB5010, AMB5011: the server does not answer.</exception>
    public async Task<KubectlVersions> RequireAsync(ClusterAccess access, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        var versions = await kubectl.VersionAsync(access, cancellation);
        if (KubectlVersions.Minor(versions.Client) < MinimumMinor)
        {
            throw new BuildException(
                ErrorCode.ToolTooOld, $"kubectl is {versions.Client}; 1.{MinimumMinor} is the oldest that works.",
                remedy: "install kubectl 1.31 or newer: https://kubernetes.io/docs/tasks/tools/");
        }

        return versions.Failure is null
            ? versions
            : throw versions.Failure.ToException($"The cluster of context {access.Context} does not answer.", versions.Error);
    }

    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(
        ClusterAccess access, BuildSettings settings, LogVolumes volumes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(settings);
        var versions = await kubectl.VersionAsync(access, cancellation);
        List<Finding> findings = [.. Versions(access, versions), .. Registry(settings)];
        if (versions.Failure is not null)
            return findings;
        var parts = await Task.WhenAll(
            RightsAsync(access, settings, cancellation),
            StorageClassAsync(access, volumes, cancellation),
            NodesAsync(access, settings, cancellation),
            ImagesOnNodesAsync(settings, cancellation));
        findings.AddRange(parts.SelectMany(part => part));
        return findings;
    }

    /// <summary>What the versions come to. Pure.</summary>
    internal static IEnumerable<Finding> Versions(ClusterAccess access, KubectlVersions versions)
    {
        var client = KubectlVersions.Minor(versions.Client);
        yield return client switch
        {
            null => new Finding(FindingSeverity.Warning, "kubectl", "its version is not known"),
            < MinimumMinor => new Finding(
                FindingSeverity.Error, "kubectl", $"{versions.Client}, older than 1.{MinimumMinor}", "install a newer one: https://kubernetes.io/docs/tasks/tools/"),
            _ => new Finding(FindingSeverity.Good, "kubectl", versions.Client!),
        };
        var subject = $"API server of context {access.Context}";
        if (versions.Failure is { } failure)
        {
            yield return new Finding(
                FindingSeverity.Error, subject, $"does not answer: {versions.Error.Trim().Split('\n')[^1]}", failure.Remedy ?? "check the kubeconfig and the network");
            yield break;
        }

        // https://kubernetes.io/releases/version-skew-policy/#kubectl
        yield return KubectlVersions.Minor(versions.Server) is { } server && client is { } own && Math.Abs(server - own) > 1
            ? new Finding(
                FindingSeverity.Warning, subject,
                string.Create(CultureInfo.InvariantCulture, $"{versions.Server}, {Math.Abs(server - own)} minor versions from kubectl {versions.Client}; supported is one"),
                string.Create(CultureInfo.InvariantCulture, $"use kubectl 1.{Math.Max(server, MinimumMinor)}"))
            : new Finding(FindingSeverity.Good, subject, $"{versions.Server}");
    }

    /// <summary>A registry of this machine is found from here, and from the nodes only where they were told. Pure.</summary>
    internal static IEnumerable<Finding> Registry(BuildSettings settings) =>
        settings is { Images.Public: null, Kubernetes: { Registry: { } registry, PullRegistry: null } } && RegistryAddress.IsLoopback(registry + "/")
            ? [new Finding(
                FindingSeverity.Warning, $"registry {registry}",
                "on a node, this is the node itself: it can pull only where it has a mirror for that name",
                $"give the nodes one ({RegistryAddress.MirrorGuides}), or set kubernetes.pullRegistry to the registry's name as the nodes see it")]
            : [];

    private async Task<IReadOnlyList<Finding>> RightsAsync(ClusterAccess access, BuildSettings settings, CancellationToken cancellation)
    {
        var (needed, useful) = (Needed(settings), Useful);
        var answers = await kubectl.MayAsync(access, [.. needed, .. useful, CreateNamespace], cancellation);
        if (answers.Count == 0)
            return [new Finding(FindingSeverity.Warning, Subject(access.Namespace), "not known: the server does not answer what this account may do")];
        var missing = Missing(needed).ToList();
        // Only an account of few rights is asked about more.
        if (Missing([CreateNamespace]).Any() && await IsMissingAsync(access, cancellation))
            missing.Add(CreateNamespace);
        return Rights(access.Namespace, missing, [.. Missing(useful)]);

        IEnumerable<AccessRight> Missing(IEnumerable<AccessRight> rights) => rights.Where(right => answers.TryGetValue(right, out var allowed) && !allowed);
    }

    /// <summary>What the answers come to. Pure.</summary>
    internal static IReadOnlyList<Finding> Rights(string @namespace, IReadOnlyList<AccessRight> missing, IReadOnlyList<AccessRight> missingForWords)
    {
        const string Remedy = "ask the cluster's administrator for them";
        var subject = Subject(@namespace);
        return
        [
            missing.Count == 0
                ? new Finding(FindingSeverity.Good, subject, "as needed")
                : new Finding(FindingSeverity.Error, subject, $"missing: {string.Join(", ", missing)}", Remedy),
            .. missingForWords.Count == 0
                ? (Finding[])[]
                : [new Finding(
                    FindingSeverity.Warning, subject, $"missing, so that less is known of what goes wrong: {string.Join(", ", missingForWords)}", Remedy)],
        ];
    }

    private static string Subject(string @namespace) => $"rights in namespace {@namespace}";

    /// <summary>A namespace that may not be looked at is taken to be there.</summary>
    private async Task<bool> IsMissingAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await kubectl.TryAsync(
            access, new KubectlCommand("get", "namespace", access.Namespace, "--ignore-not-found", "--output", "name"), cancellation);
        return result.Succeeded && string.IsNullOrWhiteSpace(result.StandardOutput);
    }

    /// <summary>What a deployment cannot do without, where a storage class makes the volumes. Pure.</summary>
    internal static IReadOnlyList<AccessRight> Needed(BuildSettings settings)
    {
        string[] managed = ["statefulsets.apps", "services", "persistentvolumeclaims", .. DeploymentSpec.MayMakeSecrets(settings) ? ["secrets"] : (string[])[]];
        return
        [
            .. from resource in managed from verb in ManagingVerbs select new AccessRight(verb, resource),
            new("watch", "statefulsets.apps"), // kubectl rollout status
            new("get", "pods"), new("list", "pods"), new("watch", "pods"), new("delete", "pods"), new("create", "pods/exec"), new("get", "pods/log"),
        ];
    }

    /// <summary>What a diagnosis reads where it may, or what tells that a version may be replaced without a checkpoint.</summary>
    private static IReadOnlyList<AccessRight> Useful { get; } = [new("list", "events"), new("get", "controllerrevisions.apps"), new("list", "nodes", InNamespace: false)];

    private static AccessRight CreateNamespace { get; } = new("create", "namespaces", InNamespace: false);

    private async Task<IReadOnlyList<Finding>> StorageClassAsync(ClusterAccess access, LogVolumes volumes, CancellationToken cancellation)
    {
        if (volumes is not LogVolumes.Claims claims)
            return [];
        var result = await kubectl.TryAsync(access, new KubectlCommand("get", "storageclasses", "--output", "json"), cancellation);
        return result.Succeeded ? [StorageClass(KubectlCli.Items(result), claims.StorageClass)] : []; // who may not look is not stopped
    }

    /// <summary>Whether the class is there. Pure.</summary>
    internal static Finding StorageClass(IReadOnlyList<JsonObject> classes, string? wanted)
    {
        var names = classes.Select(item => (string)item["metadata"]!["name"]!).ToList();
        var known = names.Count == 0 ? "the cluster has none" : $"the cluster has: {string.Join(", ", names)}";
        if (wanted is not null)
        {
            return names.Contains(wanted)
                ? new Finding(FindingSeverity.Good, "storage class", wanted)
                : new Finding(FindingSeverity.Error, "storage class", $"there is no {wanted}; {known}", "put one of them into kubernetes.storageClass");
        }

        var byDefault = classes.FirstOrDefault(item => (string?)item["metadata"]?["annotations"]?[DefaultClass] == "true");
        return byDefault is not null
            ? new Finding(FindingSeverity.Good, "storage class", $"{(string)byDefault["metadata"]!["name"]!} (the default)")
            : new Finding(FindingSeverity.Error, "storage class", $"there is no default; {known}", "put one into kubernetes.storageClass");
    }

    private async Task<IReadOnlyList<Finding>> NodesAsync(ClusterAccess access, BuildSettings settings, CancellationToken cancellation)
    {
        var result = await kubectl.TryAsync(access, new KubectlCommand("get", "nodes", "--output", "json"), cancellation);
        if (!result.Succeeded)
            return []; // nodes belong to no namespace: who may not look is not stopped
        var nodes = KubectlCli.Items(result).Select(NodeState.Of).ToList();
        return
        [
            Nodes(nodes, settings.Images.Platform),
            .. NodeLoader.Of(settings) is { } way ? NodeLoaderCheck.Judge(way, settings.Images.Platform, nodes) : [],
        ];
    }

    private Task<IReadOnlyList<Finding>> ImagesOnNodesAsync(BuildSettings settings, CancellationToken cancellation) => NodeLoader.Of(settings) is { } way
        ? loader.DiagnoseAsync(way, settings.ServiceName, cancellation)
        : Task.FromResult<IReadOnlyList<Finding>>([]);

    /// <summary>Whether a node can run the image: a wrong one ends in "exec format error". Pure.</summary>
    internal static Finding Nodes(IReadOnlyList<NodeState> nodes, string platform) => ImagePlatform.Check(platform, [.. nodes.Select(node => node.Platform)]);
}
