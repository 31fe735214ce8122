using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>Names, labels and ports of the objects of a deployment. Pure.</summary>
public static class Naming
{
    /// <summary>Whose an object is. Everything that we prune or clean is selected by it, and by the namespace.</summary>
    public const string DeploymentLabel = "ambrosia-deployment";

    /// <summary>Which instance an object belongs to: the instance's name as the configuration writes it.</summary>
    public const string InstanceLabel = "ambrosia-instance";

    public const string ComponentLabel = "app.kubernetes.io/component";

    /// <summary>Value of <see cref="ComponentLabel"/> of an instance's workload.</summary>
    public const string InstanceComponent = "instance";

    /// <summary>Value of <see cref="ComponentLabel"/> of an instance's volume, which outlives the workload.</summary>
    public const string LogsComponent = "logs";

    public const string AccessComponent = "access";

    /// <summary>The image that ran before the present one; on the StatefulSet.</summary>
    public const string PreviousImageAnnotation = "ambrosia.io/previous-image";

    /// <summary>Which code may have recorded what a claim's logs hold; on the claim, which outlives the StatefulSet.</summary>
    public const string LogCodeAnnotation = "ambrosia.io/log-code";

    /// <summary>A hash of what a Secret holds: the values themselves are never compared nor shown.</summary>
    public const string ContentHashAnnotation = "ambrosia.io/content-hash";

    /// <summary>On a pod: the hash of the storage key with which its volume was mounted.</summary>
    public const string ShareKeyAnnotation = "ambrosia.io/share-key-hash";

    /// <summary>On a pod of Microsoft's runtime: the hash of the connection string that it was started with.</summary>
    public const string ConnectionAnnotation = "ambrosia.io/connection-hash";

    /// <summary>A hash of an instance's registration with Microsoft's runtime.</summary>
    public const string RegistrationAnnotation = "ambrosia.io/registration";

    /// <summary>Name of the one container of a pod.</summary>
    public const string Container = "ambrosia";

    /// <summary>The coordinator's program in the image.</summary>
    public const string CoordinatorProgram = "ImmortalCoordinator";

    private const string Prefix = "generated-";

    private const int FirstHealthPort = 21503;

    /// <summary>
    /// <c>generated-perftestclient</c>: StatefulSet, Service, and with <c>-0</c> the pod. Object names know no upper case, and the settings refuse two
    /// instances that differ by case alone.
    /// </summary>
    /// <exception cref="BuildException">AMB1013: too long for a pod's host name.</exception>
    public static string Object(string instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
#pragma warning disable CA1308 // DNS names are lower case
        var name = Prefix + instance.ToLowerInvariant();
#pragma warning restore CA1308
        // The label statefulset controllers put on pods is the name, a hyphen and a ten-character hash, and holds 63 characters
        // (kubernetes/kubernetes#64023).
        return name.Length <= MaxObjectLength
            ? name
            : throw new BuildException(
                ErrorCode.ConfigurationInvalidValue,
                $"The instance name {instance} is too long for a cluster: {name} has {name.Length} characters, and {MaxObjectLength} are allowed.",
                remedy: $"use an instance name of at most {MaxInstanceLength} characters");
    }

    public const int MaxObjectLength = 52;

    /// <summary>Of an instance's name.</summary>
    public static int MaxInstanceLength => MaxObjectLength - Prefix.Length;

    public static string Pod(string instance) => Object(instance) + "-0";

    /// <summary>The PersistentVolumeClaim of an instance's logs.</summary>
    public static string Claim(string instance) => Object(instance) + "-logs";

    /// <summary>The PersistentVolume of an instance on a share. Volumes have no namespace, so their name holds what tells deployments apart.</summary>
    public static string Volume(BuildSettings settings, string instance)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return $"{settings.Kubernetes.Namespace}-{settings.ServiceName}-{Claim(instance)}";
    }

    /// <summary>Selects everything of the deployment.</summary>
    public static string Selector(string serviceName) => $"{DeploymentLabel}={serviceName}";

    /// <summary>Selects everything of one instance.</summary>
    public static string Selector(string serviceName, string instance) => $"{DeploymentLabel}={serviceName},{InstanceLabel}={instance}";

    /// <summary>Selects the pods, StatefulSets and Services of the deployment's instances.</summary>
    public static string InstanceSelector(string serviceName) => $"{DeploymentLabel}={serviceName},{ComponentLabel}={InstanceComponent}";

    /// <summary>What every object of the deployment carries.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string serviceName, string component) => new Dictionary<string, string>
    {
        [DeploymentLabel] = serviceName,
        ["app.kubernetes.io/name"] = serviceName,
        [ComponentLabel] = component,
        ["app.kubernetes.io/part-of"] = "ambrosia",
        ["app.kubernetes.io/managed-by"] = "ambrosia-build",
    };

    /// <summary>What every object of one instance carries.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string serviceName, string instance, string component) =>
        new Dictionary<string, string>(Labels(serviceName, component))
        {
            ["app.kubernetes.io/instance"] = instance,
            [InstanceLabel] = instance,
        };

    /// <summary>What selects an instance's pods. Immutable in a StatefulSet, so it holds nothing that may ever change.</summary>
    public static IReadOnlyDictionary<string, string> PodSelector(string serviceName, string instance) => new Dictionary<string, string>
    {
        [DeploymentLabel] = serviceName,
        [InstanceLabel] = instance,
    };

    /// <summary>The port for probes and questions: the first one from 21503 on that the instance does not use otherwise.</summary>
    public static int HealthPort(InstanceSettings instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        int[] taken = [instance.CoordinatorPort, instance.ReceivePort, instance.SendPort];
        return Enumerable.Range(FirstHealthPort, taken.Length + 1).First(port => !taken.Contains(port));
    }
}
