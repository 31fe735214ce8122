using System.Globalization;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>The workload of an instance: a StatefulSet with one pod, and the Service by which its peers find it.</summary>
public static class InstanceManifests
{
    /// <summary>What the image runs as; Microsoft's .NET images call it <c>app</c>.</summary>
    public const int AppUser = 1654;

    /// <summary>Name, in the pod, of the volume that holds the instance's logs.</summary>
    public const string LogsVolume = "logs";

    private const string TemporaryVolume = "tmp";

    /// <summary>The one directory of our pods beside the logs that can be written to.</summary>
    public const string TemporaryDirectory = "/tmp";

    /// <summary>A replay may be long, and nothing is wrong meanwhile.</summary>
    public static readonly TimeSpan StartupAllowance = TimeSpan.FromHours(1);

    private const int StartupPeriodSeconds = 2;

    /// <summary>The app has to be ended, too, before the kubelet kills what is left.</summary>
    private static readonly TimeSpan PodGracePeriod = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a coordinator may take for its last checkpoint. One that is cut off loses nothing, but leaves messages that the next version
    /// has to replay, so a large state on a slow share gets the time that it needs; a stop ends as soon as it is done.
    /// </summary>
    private static readonly TimeSpan GracePeriod = PodGracePeriod - TimeSpan.FromSeconds(15);

    /// <summary>Owner of the files: Microsoft's runtime runs as root, ours as nobody in particular.</summary>
    public static int UserId(DeploymentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.IsOriginalRuntime ? 0 : AppUser;
    }

    public static V1Service Service(DeploymentSpec spec, InstanceSettings instance)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(instance);
        return new V1Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = Metadata(spec, instance),
            Spec = new V1ServiceSpec
            {
                Type = "ClusterIP",
                Selector = Naming.PodSelector(spec.ServiceName, instance.Name).ToDictionary(),
                // A peer connects as soon as the coordinator listens, not only when the kubelet has asked it again whether it is ready.
                PublishNotReadyAddresses = true,
                Ports = [new V1ServicePort { Name = "coordinator", Port = instance.CoordinatorPort, Protocol = "TCP", TargetPort = "coordinator" }],
            },
        };
    }

    public static V1StatefulSet StatefulSet(DeploymentSpec spec, InstanceSettings instance)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(instance);
        return new V1StatefulSet
        {
            ApiVersion = "apps/v1",
            Kind = "StatefulSet",
            Metadata = StatefulSetMetadata(spec, instance),
            Spec = new V1StatefulSetSpec
            {
                // At most one pod, also while one is deleted or drained: two writers of one log are what must never be.
                Replicas = 1,
                ServiceName = Naming.Object(instance.Name),
                Selector = new V1LabelSelector { MatchLabels = Naming.PodSelector(spec.ServiceName, instance.Name).ToDictionary() },
                PodManagementPolicy = "OrderedReady",
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "RollingUpdate" },
                RevisionHistoryLimit = 3,
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = Naming.Labels(spec.ServiceName, instance.Name, Naming.InstanceComponent).ToDictionary(),
                        Annotations = PodAnnotations(spec),
                    },
                    Spec = Pod(spec, instance),
                },
            },
        };
    }

    private static V1ObjectMeta Metadata(DeploymentSpec spec, InstanceSettings instance) => new()
    {
        Name = Naming.Object(instance.Name),
        NamespaceProperty = spec.Settings.Kubernetes.Namespace,
        Labels = Naming.Labels(spec.ServiceName, instance.Name, Naming.InstanceComponent).ToDictionary(),
    };

    private static V1ObjectMeta StatefulSetMetadata(DeploymentSpec spec, InstanceSettings instance)
    {
        var metadata = Metadata(spec, instance);
        if (spec.IsOriginalRuntime)
            metadata.Annotations = new Dictionary<string, string> { [Naming.RegistrationAnnotation] = Registration.HashOf(spec, instance) };
        return metadata;
    }

    /// <summary>A mount keeps the key with which it was made, and an environment its value: a pod with an older one is told by these.</summary>
    private static Dictionary<string, string> PodAnnotations(DeploymentSpec spec)
    {
        var annotations = new Dictionary<string, string> { ["kubectl.kubernetes.io/default-container"] = Naming.Container };
        if (spec.IsOnShare)
            annotations[Naming.ShareKeyAnnotation] = SecretManifests.ShareHash(spec);
        if (spec.IsOriginalRuntime)
            annotations[Naming.ConnectionAnnotation] = SecretManifests.ConnectionHash(spec);
        return annotations;
    }

    private static V1PodSpec Pod(DeploymentSpec spec, InstanceSettings instance)
    {
        var platform = spec.Settings.Images.Platform.Split('/');
        return new V1PodSpec
        {
            // Processes see one another, so that a kill in the container reaches the coordinator too.
            ShareProcessNamespace = true,
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds = (long)PodGracePeriod.TotalSeconds,
            NodeSelector = new Dictionary<string, string> { ["kubernetes.io/os"] = platform[0], ["kubernetes.io/arch"] = platform[1] },
            ImagePullSecrets = spec.NeedsPullSecret ? [new V1LocalObjectReference { Name = spec.Settings.Kubernetes.PullSecret }] : null,
            SecurityContext = spec.IsOriginalRuntime
                ? null
                : new V1PodSecurityContext
                {
                    RunAsNonRoot = true,
                    RunAsUser = AppUser,
                    RunAsGroup = AppUser,
                    FsGroup = AppUser,
                    FsGroupChangePolicy = "OnRootMismatch",
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                },
            Containers = [spec.IsOriginalRuntime ? OriginalRuntime.Container(spec, instance) : Container(spec, instance)],
            Volumes =
            [
                new V1Volume
                {
                    Name = LogsVolume,
                    PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = Naming.Claim(instance.Name) },
                },
                .. spec.IsOriginalRuntime ? (V1Volume[])[] : [new V1Volume { Name = TemporaryVolume, EmptyDir = new V1EmptyDirVolumeSource() }],
            ],
        };
    }

    private static V1Container Container(DeploymentSpec spec, InstanceSettings instance) => new()
    {
        Name = Naming.Container,
        Image = spec.Image?.Reference ?? DeploymentSpec.Unknown,
        ImagePullPolicy = PullPolicy(spec.Image),
        Command = [Naming.CoordinatorProgram],
        Args = [.. Invocation(spec, instance).Arguments(spec.Settings.Verify)],
        Env = [new V1EnvVar { Name = "DOTNET_EnableDiagnostics", Value = "0" }], // its pipes would need a writable disk
        Ports =
        [
            Port("coordinator", instance.CoordinatorPort),
            Port("health", Naming.HealthPort(instance)),
        ],
        Resources = Resources(spec.Settings.Kubernetes.Resources),
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
        StartupProbe = Probe("/startup", StartupPeriodSeconds, failures: (int)StartupAllowance.TotalSeconds / StartupPeriodSeconds),
        // Ready means primary: only then messages are taken and acknowledged.
        ReadinessProbe = Probe("/ready", periodSeconds: 2, failures: 2),
        LivenessProbe = Probe("/live", periodSeconds: 10, failures: 6),
        VolumeMounts = [LogsMount(spec, instance), new V1VolumeMount { Name = TemporaryVolume, MountPath = TemporaryDirectory }],
    };

    internal static V1ResourceRequirements Resources(PodResources wanted)
    {
        Dictionary<string, ResourceQuantity> limits = [];
        if (wanted.CpuLimit is { } cpu)
            limits["cpu"] = new(cpu);
        if (wanted.MemoryLimit is { } memory)
            limits["memory"] = new(memory);
        return new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(wanted.CpuRequest), ["memory"] = new(wanted.MemoryRequest) },
            Limits = limits.Count > 0 ? limits : null,
        };
    }

    /// <summary>Instances on one share have a folder each.</summary>
    internal static V1VolumeMount LogsMount(DeploymentSpec spec, InstanceSettings instance) => LogsMount(spec, spec.ServiceName, instance.Name);

    internal static V1VolumeMount LogsMount(DeploymentSpec spec, string deployment, string instance) => new()
    {
        Name = LogsVolume,
        MountPath = spec.Settings.LogDirectory,
        SubPath = spec.IsOnShare ? $"{spec.Settings.Kubernetes.Namespace}/{deployment}/{instance}" : null,
    };

    /// <summary>Content never changes below a digest or a content tag; a name without either may mean another image tomorrow.</summary>
    internal static string PullPolicy(ContainerImage? image) => image switch
    {
        { IsOnNodes: true } => "Never",
        { IsPublic: true } published when !published.Reference.Split('/')[^1].Contains(':', StringComparison.Ordinal) => "Always",
        _ => "IfNotPresent",
    };

    internal static V1ContainerPort Port(string name, int number) => new() { Name = name, ContainerPort = number, Protocol = "TCP" };

    private static Coordinators.CoordinatorInvocation Invocation(DeploymentSpec spec, InstanceSettings instance)
    {
        var peers = spec.Settings.Instances
            .Where(peer => peer.Name != instance.Name)
            .ToDictionary(peer => peer.Name, peer => string.Create(CultureInfo.InvariantCulture, $"{Naming.Object(peer.Name)}:{peer.CoordinatorPort}"));
        return new Coordinators.CoordinatorInvocation(
            instance,
            // A directory of its own, also below a mount point: the root of a volume holds what file systems put there (lost+found).
            spec.Settings.LogDirectory + "/" + LogsFolder,
            string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{instance.CoordinatorPort}"),
            peers,
            instance.ReceivePort,
            instance.SendPort,
            Naming.HealthPort(instance),
            spec.IsOnShare ? "lease" : "flock",
            GracePeriod,
            instance.Command[0])
        {
            HealthHost = "*",
        };
    }

    /// <summary>The coordinator's directory on its volume.</summary>
    public const string LogsFolder = "log";

    private static V1Probe Probe(string path, int periodSeconds, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = "health", Scheme = "HTTP" },
        PeriodSeconds = periodSeconds,
        FailureThreshold = failures,
        TimeoutSeconds = 5,
    };
}
