using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>
/// Empties the folders of instances on a share, by a pod with the same image and the same mount: whoever deploys may have no access to the share
/// but through the cluster. The instances are stopped by now.
/// </summary>
public sealed class LogEraser(KubectlCli kubectl, ISecretMask mask)
{
    private const string Component = "eraser";

    /// <summary>A share is slow with many small files, and an image may have to be pulled.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <exception cref="BuildException">AMB5013: the folder was not emptied.</exception>
    public async Task EraseAsync(ClusterAccess access, DeploymentSpec spec, IReadOnlyList<string> instances, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(instances);
        if (instances.Count == 0)
            return;
        var pods = spec.Settings.Instances.Where(instance => instances.Contains(instance.Name)).Select(instance => Pod(spec, instance)).ToList();
        var names = pods.Select(pod => $"pod/{pod.Name()}").ToList();
        await kubectl.DeleteAsync(access, names, Timeout, cancellation); // of a run that was cut off
        try
        {
            await kubectl.ApplyAsync(access, KubeObject.ToManifest(pods.Select(KubeObject.Of)), cancellation);
            var wait = new KubectlCommand(["wait", .. names, "--for=jsonpath={.status.phase}=Succeeded", $"--timeout={(int)Timeout.TotalSeconds}s"])
            {
                RequestTimeout = null,
            };
            var result = await kubectl.TryAsync(access, wait, cancellation);
            if (!result.Succeeded)
                throw await NotErasedAsync(access, pods, result, cancellation);
        }
        finally
        {
            // Also after a Ctrl-C: nobody would remove it otherwise.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await kubectl.TryAsync(access, new KubectlCommand(["delete", .. names, "--ignore-not-found", "--wait=false"]), last.Token);
        }
    }

    private async Task<BuildException> NotErasedAsync(
        ClusterAccess access, IReadOnlyList<V1Pod> pods, KubectlResult result, CancellationToken cancellation)
    {
        var output = new List<string> { result.StandardError.Trim() };
        foreach (var pod in pods)
        {
            var logs = await kubectl.LogsAsync(access, pod.Name(), Naming.Container, lines: 10, previous: false, cancellation);
            output.Add($"{pod.Name()}: {(logs.Succeeded ? logs.StandardOutput : logs.StandardError).Trim()}");
        }

        return new BuildException(
            ErrorCode.RolloutFailed, "The instances' folders on the share were not emptied; the instances are stopped.",
            "the pod that empties them needs bash and rm in the image", "empty the folders by hand, and deploy again without --fresh",
            mask.Mask(string.Join('\n', output)));
    }

    private static V1Pod Pod(DeploymentSpec spec, InstanceSettings instance)
    {
        var template = InstanceManifests.StatefulSet(spec, instance).Spec.Template;
        var container = template.Spec.Containers[0];
        var user = template.Spec.SecurityContext;
        return new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                Name = Naming.Object(instance.Name) + "-" + Component,
                NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                Labels = Naming.Labels(spec.ServiceName, Component).ToDictionary(),
            },
            Spec = new V1PodSpec
            {
                RestartPolicy = "Never",
                AutomountServiceAccountToken = false,
                NodeSelector = template.Spec.NodeSelector,
                ImagePullSecrets = template.Spec.ImagePullSecrets,
                SecurityContext = user,
                Volumes = [.. template.Spec.Volumes.Where(volume => volume.Name == InstanceManifests.LogsVolume)],
                Containers =
                [
                    new V1Container
                    {
                        Name = Naming.Container,
                        Image = container.Image,
                        ImagePullPolicy = container.ImagePullPolicy,
                        Command = ["bash", "-c", "shopt -s dotglob nullglob; cd -- \"$1\" && files=(*) && { ((${#files[@]} == 0)) || rm -rf -- \"${files[@]}\"; }", "erase"],
                        Args = [spec.Settings.LogDirectory],
                        SecurityContext = container.SecurityContext,
                        VolumeMounts = [InstanceManifests.LogsMount(spec, instance)],
                    },
                ],
            },
        };
    }
}
