using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>
/// Empties the folders of instances on a share, by a pod with the same image and the same mount: whoever deploys may have no access to the share
/// but through the cluster. The instances are stopped by now.
/// </summary>
public sealed class LogEraser(KubectlCli kubectl, ISecretMask mask, TimeProvider time)
{
    private const string Component = "eraser";

    /// <summary>A share is slow with many small files, and an image may have to be pulled.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>For the original runtime, whose image has a shell and whose files carry other names.</summary>
    private static readonly string[] EraseAll =
        ["bash", "-c", "shopt -s dotglob nullglob; cd -- \"$1\" && files=(*) && { ((${#files[@]} == 0)) || rm -rf -- \"${files[@]}\"; }", "erase"];

    /// <param name="folders">Of instances whose claims exist.</param>
    /// <exception cref="BuildException">AMB5013: the folder was not emptied.</exception>
    public async Task EraseAsync(ClusterAccess access, DeploymentSpec spec, IReadOnlyList<LogFolder> folders, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folders);
        if (folders.Count == 0)
            return;
        var pods = folders.Select(folder => Pod(spec, folder)).ToList();
        var names = pods.Select(pod => $"pod/{pod.Name()}").ToList();
        await kubectl.DeleteAsync(access, names, Timeout, cancellation); // of a run that was cut off
        try
        {
            await kubectl.ApplyAsync(access, KubeObject.ToManifest(pods.Select(KubeObject.Of)), cancellation);
            var unfinished = await FinishAsync(access, names, cancellation);
            if (unfinished.Count > 0)
                throw await NotErasedAsync(access, unfinished, cancellation);
        }
        finally
        {
            // Also after a Ctrl-C: nobody would remove it otherwise.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await kubectl.TryAsync(access, new KubectlCommand(["delete", .. names, "--ignore-not-found", "--wait=false"]), last.Token);
        }
    }

    /// <summary>Waits until all have succeeded or one has failed: <c>kubectl wait</c> knows one end alone.</summary>
    /// <returns>Those that have not succeeded.</returns>
    private async Task<IReadOnlyList<V1Pod>> FinishAsync(ClusterAccess access, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        var look = new KubectlCommand(["get", .. names, "--output", "json"]);
        while (true)
        {
            var pods = KubectlCli.Items(await kubectl.RunAsync(access, look, cancellation)).Select(item => new KubeObject(item).As<V1Pod>()).ToList();
            var unfinished = pods.FindAll(pod => pod.Status?.Phase != "Succeeded");
            var failed = unfinished.FindAll(pod => pod.Status?.Phase == "Failed");
            if (unfinished.Count == 0 || failed.Count > 0)
                return failed;
            if (time.GetElapsedTime(since) > Timeout)
                return unfinished;
            await Task.Delay(LookPeriod, time, cancellation);
        }
    }

    private async Task<BuildException> NotErasedAsync(ClusterAccess access, IReadOnlyList<V1Pod> pods, CancellationToken cancellation)
    {
        List<string> output = [];
        foreach (var pod in pods)
        {
            var logs = await kubectl.LogsAsync(access, pod.Name(), Naming.Container, lines: 10, previous: false, cancellation);
            output.Add($"{pod.Name()} ({pod.Status?.Phase}): {(logs.Succeeded ? logs.StandardOutput : logs.StandardError).Trim()}");
        }

        return new BuildException(
            ErrorCode.RolloutFailed, "The instances' folders on the share were not emptied; the instances are stopped.",
            "the pod that empties them did not end well; it says why", "mend that and run again, or empty the folders by hand and deploy again without --fresh",
            mask.Mask(string.Join('\n', output)));
    }

    internal static V1Pod Pod(DeploymentSpec spec, LogFolder folder)
    {
        // Of any instance: what differs between them is set below.
        var instance = spec.Settings.Instances[0];
        var template = InstanceManifests.StatefulSet(spec, instance).Spec.Template;
        var container = template.Spec.Containers[0];
        var user = template.Spec.SecurityContext;
        return new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                Name = Naming.Object(folder.Instance) + "-" + Component,
                NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                Labels = Naming.Labels(folder.Deployment, Component).ToDictionary(),
            },
            Spec = new V1PodSpec
            {
                RestartPolicy = "Never",
                AutomountServiceAccountToken = false,
                NodeSelector = template.Spec.NodeSelector,
                ImagePullSecrets = template.Spec.ImagePullSecrets,
                SecurityContext = user,
                Volumes =
                [
                    new V1Volume
                    {
                        Name = InstanceManifests.LogsVolume,
                        PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = Naming.Claim(folder.Instance) },
                    },
                ],
                Containers =
                [
                    new V1Container
                    {
                        Name = Naming.Container,
                        Image = container.Image,
                        ImagePullPolicy = container.ImagePullPolicy,
                        Command = spec.IsOriginalRuntime ? EraseAll : [Naming.CoordinatorProgram],
                        Args = spec.IsOriginalRuntime
                            ? [spec.Settings.LogDirectory]
                            : ["erase", "--log", $"{spec.Settings.LogDirectory}/{InstanceManifests.LogsFolder}"],
                        Env = spec.IsOriginalRuntime ? null : container.Env, // the original's is a secret that nothing here needs
                        Resources = container.Resources, // a quota asks them of every pod
                        SecurityContext = container.SecurityContext,
                        VolumeMounts = [InstanceManifests.LogsMount(spec, folder.Deployment, folder.Instance)],
                    },
                ],
            },
        };
    }
}
