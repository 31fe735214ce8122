using System.Globalization;
using Ambrosia.Build.Platforms.Coordinators;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// A container of Microsoft's runtime, as its own scripts started it: root, a writable file system, a terminal, and
/// <c>runAmbrosiaService.sh</c>, which starts the coordinator and then the app. The connection string comes from a Secret.
/// </summary>
internal static class OriginalRuntime
{
    /// <summary>A fourth port that the original scripts opened in every pod.</summary>
    private const int AuxiliaryPort = 4022;

    public static V1Container Container(DeploymentSpec spec, InstanceSettings instance) => new()
    {
        Name = Naming.Container,
        Image = spec.Image?.Reference ?? DeploymentSpec.Unknown,
        ImagePullPolicy = InstanceManifests.PullPolicy(spec.Image),
        // The words of the command are bash's arguments, not its program text: nothing in them is ever interpreted.
        Command = ["bash", "-c", "exec runAmbrosiaService.sh \"$@\"", "runAmbrosiaService.sh"],
        Args =
        [
            instance.Command[0],
            .. CoordinatorInvocation.AppArguments(instance, instance.ReceivePort, instance.SendPort, spec.Settings.Verify),
        ],
        Tty = true,
        Stdin = true,
        Env =
        [
            new V1EnvVar { Name = "AMBROSIA_INSTANCE_NAME", Value = instance.Name },
            new V1EnvVar
            {
                Name = "AMBROSIA_IMMORTALCOORDINATOR_PORT",
                Value = instance.CoordinatorPort.ToString(CultureInfo.InvariantCulture),
            },
            new V1EnvVar { Name = "AMBROSIA_LOGDIR", Value = spec.Settings.LogDirectory },
            Connection(spec, "AZURE_STORAGE_CONNECTION_STRING"),
            Connection(spec, "AZURE_STORAGE_CONN_STRING"),
        ],
        Ports =
        [
            InstanceManifests.Port("coordinator", instance.CoordinatorPort),
            InstanceManifests.Port("receive", instance.ReceivePort),
            InstanceManifests.Port("send", instance.SendPort),
            .. new[] { instance.CoordinatorPort, instance.ReceivePort, instance.SendPort }.Contains(AuxiliaryPort)
                ? (V1ContainerPort[])[]
                : [InstanceManifests.Port("auxiliary", AuxiliaryPort)],
        ],
        Resources = InstanceManifests.Resources(spec.Settings.Kubernetes.Resources),
        VolumeMounts = [InstanceManifests.LogsMount(spec, instance)],
    };

    private static V1EnvVar Connection(DeploymentSpec spec, string name) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource
        {
            SecretKeyRef = new V1SecretKeySelector
            {
                Name = SecretManifests.ConnectionSecret(spec.ServiceName),
                Key = SecretManifests.ConnectionKey,
            },
        },
    };
}
