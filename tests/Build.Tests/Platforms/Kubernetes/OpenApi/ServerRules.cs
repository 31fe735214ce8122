using System.Text.RegularExpressions;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using k8s;
using k8s.Models;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>
/// What every server demands and no document says: the syntax of names, labels and ports, and what has to agree within an object.
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/, …/labels/, …/annotations/
/// </summary>
internal static partial class ServerRules
{
    private const int MaxLabel = 63;
    private const int MaxSubdomain = 253;
    private const int MaxPortName = 15;

    /// <summary>A controller's pods carry its name with a hyphen and ten characters as a label (kubernetes/kubernetes#64023).</summary>
    private const int MaxStatefulSet = 52;

    private static readonly string[] AccessModes = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    public static IReadOnlyList<string> Problems(KubeObject item)
    {
        var metadata = KubernetesJson.Deserialize<V1ObjectMeta>(item.Content["metadata"]!.ToJsonString());
        return [.. Name(item.Kind, metadata), .. Texts("metadata", metadata), .. OfKind(item)];
    }

    private static IEnumerable<string> OfKind(KubeObject item) => item.Kind switch
    {
        "Namespace" => [],
        "Secret" => Secret(item.As<V1Secret>()),
        "PersistentVolume" => Volume(item.As<V1PersistentVolume>().Spec),
        "PersistentVolumeClaim" => Claim(item.As<V1PersistentVolumeClaim>().Spec),
        "Service" => Service(item.As<V1Service>().Spec),
        "StatefulSet" => StatefulSet(item.As<V1StatefulSet>().Spec),
        "Pod" => Pod(item.As<V1Pod>().Spec),
        _ => ["no rules are written down for this kind"],
    };

    private static IEnumerable<string> Name(string kind, V1ObjectMeta metadata)
    {
        var (syntax, length) = kind switch
        {
            "Namespace" => (Label(), MaxLabel),
            "Service" => (ServiceName(), MaxLabel),
            "StatefulSet" => (Label(), MaxStatefulSet),
            "Pod" => (Label(), MaxLabel), // its host name
            _ => (Subdomain(), MaxSubdomain),
        };
        if (!syntax.IsMatch(metadata.Name) || metadata.Name.Length > length)
            yield return $"metadata.name: {metadata.Name}";
        var hasNamespace = kind is not ("Namespace" or "PersistentVolume");
        if (hasNamespace ? !IsLabel(metadata.NamespaceProperty) : metadata.NamespaceProperty is not null)
            yield return $"metadata.namespace: {metadata.NamespaceProperty}";
    }

    private static IEnumerable<string> Texts(string path, V1ObjectMeta metadata) =>
    [
        .. Labels($"{path}.labels", metadata.Labels),
        .. (metadata.Annotations ?? new Dictionary<string, string>()).Keys.Where(key => !IsKey(key)).Select(key => $"{path}.annotations: {key}"),
    ];

    private static IEnumerable<string> Labels(string path, IDictionary<string, string>? labels) =>
        from pair in labels ?? new Dictionary<string, string>()
        where !IsKey(pair.Key) || pair.Value.Length > MaxLabel || !LabelValue().IsMatch(pair.Value)
        select $"{path}: {pair.Key}={pair.Value}";

    /// <summary>An optional prefix and a name. Those of a beta are refused as well: others have taken their place.</summary>
    private static bool IsKey(string key) => key.Split('/') is var parts
        && parts.Length <= 2
        && QualifiedName().IsMatch(parts[^1]) && parts[^1].Length <= MaxLabel
        && (parts.Length == 1 || (Subdomain().IsMatch(parts[0]) && parts[0].Length <= MaxSubdomain))
        && !Unstable().IsMatch(key);

    private static IEnumerable<string> Secret(V1Secret secret)
    {
        foreach (var key in (secret.Data ?? new Dictionary<string, byte[]>()).Keys.Where(key => !SecretKey().IsMatch(key) || key.Length > MaxSubdomain))
            yield return $"data: {key}";
        if (secret.Type == "kubernetes.io/dockerconfigjson" && secret.Data?.ContainsKey(".dockerconfigjson") != true)
            yield return "data: .dockerconfigjson is missing";
    }

    private static IEnumerable<string> Volume(V1PersistentVolumeSpec spec)
    {
        if (spec.AccessModes is not { Count: > 0 } modes || modes.Except(AccessModes).Any())
            yield return "spec.accessModes";
        if (spec.Capacity?.ContainsKey("storage") != true)
            yield return "spec.capacity: storage is missing";
        if (spec.PersistentVolumeReclaimPolicy is not (null or "Retain" or "Delete"))
            yield return $"spec.persistentVolumeReclaimPolicy: {spec.PersistentVolumeReclaimPolicy}";
        if (spec.Csi is not { Driver.Length: > 0 and <= MaxLabel, VolumeHandle.Length: > 0 } csi)
            yield return "spec.csi: driver or volumeHandle is missing";
        else if (csi.NodeStageSecretRef is { } secret && (string.IsNullOrEmpty(secret.Name) || string.IsNullOrEmpty(secret.NamespaceProperty)))
            yield return "spec.csi.nodeStageSecretRef: name or namespace is missing";
    }

    private static IEnumerable<string> Claim(V1PersistentVolumeClaimSpec spec)
    {
        if (spec.AccessModes is not { Count: > 0 } modes || modes.Except(AccessModes).Any())
            yield return "spec.accessModes";
        if (spec.Resources?.Requests?.ContainsKey("storage") != true)
            yield return "spec.resources.requests: storage is missing";
        if (!string.IsNullOrEmpty(spec.StorageClassName) && !IsSubdomain(spec.StorageClassName))
            yield return $"spec.storageClassName: {spec.StorageClassName}";
    }

    private static IEnumerable<string> Service(V1ServiceSpec spec)
    {
        foreach (var problem in Labels("spec.selector", spec.Selector))
            yield return problem;
        foreach (var port in spec.Ports.Where(port => !IsLabel(port.Name) || !IsPort(port.Port) || !IsPortName(port.TargetPort.Value)))
            yield return $"spec.ports: {port.Name}={port.Port}";
        foreach (var name in Repeated(spec.Ports.Select(port => port.Name)))
            yield return $"spec.ports: {name} twice";
    }

    private static IEnumerable<string> StatefulSet(V1StatefulSetSpec spec) =>
    [
        .. Labels("spec.selector", spec.Selector.MatchLabels),
        .. spec.Selector.MatchLabels.Except(spec.Template.Metadata.Labels).Select(pair => $"spec.selector: {pair.Key} is no label of the template"),
        .. spec.Template.Spec.RestartPolicy is null or "Always" ? (string[])[] : ["spec.template.spec.restartPolicy"],
        .. Texts("spec.template.metadata", spec.Template.Metadata),
        .. Pod(spec.Template.Spec).Select(problem => "spec.template." + problem),
    ];

    private static IEnumerable<string> Pod(V1PodSpec spec)
    {
        var volumes = spec.Volumes.Select(volume => volume.Name).ToList();
        return
        [
            .. Labels("spec.nodeSelector", spec.NodeSelector),
            .. spec.RestartPolicy is null or "Always" or "OnFailure" or "Never" ? (string[])[] : [$"spec.restartPolicy: {spec.RestartPolicy}"],
            .. (spec.ImagePullSecrets ?? []).Where(secret => !IsSubdomain(secret.Name)).Select(secret => $"spec.imagePullSecrets: {secret.Name}"),
            .. volumes.Concat(spec.Containers.Select(container => container.Name)).Where(name => !IsLabel(name)).Select(name => $"spec: the name {name}"),
            .. Repeated(volumes).Select(name => $"spec.volumes: {name} twice"),
            .. spec.Volumes.Where(volume => volume.PersistentVolumeClaim is { } claim && !IsSubdomain(claim.ClaimName)).Select(volume => $"spec.volumes: {volume.Name}"),
            .. spec.Containers.SelectMany(container => Container(container, volumes)),
        ];
    }

    private static IEnumerable<string> Container(V1Container container, IReadOnlyCollection<string> volumes)
    {
        var ports = container.Ports ?? [];
        var mounts = container.VolumeMounts ?? [];
        return ((string[])
        [
            .. string.IsNullOrWhiteSpace(container.Image) || container.Image != container.Image.Trim() ? (string[])[$"image: {container.Image}"] : [],
            .. PullPolicies.Contains(container.ImagePullPolicy) ? (string[])[] : [$"imagePullPolicy: {container.ImagePullPolicy}"],
            .. ports.Where(port => !IsPortName(port.Name) || !IsPort(port.ContainerPort)).Select(port => $"ports: {port.Name}={port.ContainerPort}"),
            .. Repeated(ports.Select(port => port.Name)).Select(name => $"ports: {name} twice"),
            .. (container.Env ?? []).Where(variable => !Variable().IsMatch(variable.Name)).Select(variable => $"env: {variable.Name}"),
            .. (container.Env ?? []).Where(variable => variable is { Value: not null, ValueFrom: not null }).Select(variable => $"env: {variable.Name} twice"),
            .. mounts.Where(mount => !volumes.Contains(mount.Name)).Select(mount => $"volumeMounts: no volume {mount.Name}"),
            .. mounts.Where(mount => mount.MountPath.Contains(':', StringComparison.Ordinal)).Select(mount => $"volumeMounts: {mount.MountPath}"),
            .. mounts.Where(mount => mount.SubPath is { } path && (path.StartsWith('/') || path.Split('/').Contains(".."))).Select(mount => $"volumeMounts: {mount.SubPath}"),
            .. Repeated(mounts.Select(mount => mount.MountPath)).Select(path => $"volumeMounts: {path} twice"),
            .. Probe("startupProbe", container.StartupProbe, ports),
            .. Probe("livenessProbe", container.LivenessProbe, ports),
            .. Probe("readinessProbe", container.ReadinessProbe, ports),
        ]).Select(problem => $"spec.containers.{problem}");
    }

    private static IEnumerable<string> Probe(string name, V1Probe? probe, IEnumerable<V1ContainerPort> ports)
    {
        if (probe is null)
            yield break;
        if (probe is { PeriodSeconds: < 1 } or { FailureThreshold: < 1 } or { TimeoutSeconds: < 1 })
            yield return $"{name}: a number below 1";
        // The server takes any name; the kubelet then never finds the port.
        if (probe.HttpGet is { } request && !ports.Any(port => port.Name == request.Port.Value))
            yield return $"{name}: no port {request.Port.Value}";
    }

    private static IEnumerable<string> Repeated(IEnumerable<string> names) => names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key);

    private static bool IsLabel(string? text) => text is { Length: <= MaxLabel } && Label().IsMatch(text);

    private static bool IsSubdomain(string? text) => text is { Length: <= MaxSubdomain } && Subdomain().IsMatch(text);

    private static bool IsPort(int number) => number is > 0 and < 65536;

    private static bool IsPortName(string? text) => text is { Length: <= MaxPortName } && PortName().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    /// <summary>Before 1.34 a Service's name began with a letter.</summary>
    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"\A[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"(^|[.])(alpha|beta)[.]")]
    private static partial Regex Unstable();

    /// <summary>A letter somewhere, and no two hyphens side by side.</summary>
    [GeneratedRegex(@"\A(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex PortName();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z")]
    private static partial Regex SecretKey();

    [GeneratedRegex(@"\A[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex Variable();
}
