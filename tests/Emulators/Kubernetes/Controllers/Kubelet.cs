using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Runs the containers of pods that have a node: starts, probes, restarts and stops them.</summary>
internal sealed class Kubelet(Cluster cluster)
{
    private static readonly ResourceType Pod = ResourceType.Of("pods");
    private static readonly ResourceType Secret = ResourceType.Of("secrets");
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    private int _addresses = 21;

    /// <summary>Told of each life of a container that begins.</summary>
    public Func<RunningContainer, Task>? OnStarted { get; set; }

    /// <returns>When the pod is to be looked at again; null for at its next change.</returns>
    public DateTimeOffset? Reconcile(JsonObject pod, PodRuntime runtime, PodBehaviour behaviour)
    {
        runtime.Node = pod.Text("spec", "nodeName");
        var reachable = Node(runtime) is { } node && Scheduler.IsReady(node);
        if (pod.IsTerminating())
        {
            // A node that does not answer never says that the pod has ended: the pod stays until it is deleted by force.
            if (!reachable && pod.Number("metadata", "deletionGracePeriodSeconds") > 0)
                return null;
            return Stop(pod, runtime, behaviour);
        }

        if (!reachable)
        {
            cluster.Store.Update(Pod, pod, copy => Conditions.Set(copy, "Ready", "False", Timestamps.Seconds(cluster.Now), "NodeNotReady"));
            return null;
        }

        var due = runtime.Containers.Select(container => Step(pod, runtime, container, behaviour)).Where(time => time is not null).Min();
        cluster.Store.Update(Pod, pod, copy => WriteStatus(copy, runtime));
        return due;
    }

    /// <summary>
    /// What runs of a pod that is in the API no more, as after a deletion by force: it gets SIGTERM and its whole grace period, while its
    /// successor may run already (https://github.com/kubernetes/kubernetes/issues/120449).
    /// </summary>
    /// <returns>When to look again; null for at the next change.</returns>
    public DateTimeOffset? Abandon(PodRuntime runtime)
    {
        if (Node(runtime) is not { } node)
        {
            runtime.End();
            return null;
        }

        // A node that does not answer has not heard of the deletion.
        if (!Scheduler.IsReady(node))
            return null;
        BeginStop(runtime, runtime.Grace);
        if (cluster.Now >= runtime.StopAt || EndedThemselves(runtime))
            runtime.End();
        return runtime.StopAt;
    }

    private JsonObject? Node(PodRuntime runtime) => cluster.Store.Get(ResourceType.Of("nodes"), "", runtime.Node ?? "");

    private static bool EndedThemselves(PodRuntime runtime) => runtime.Containers.All(container => container.Ending is not null);

    private void BeginStop(PodRuntime runtime, TimeSpan grace)
    {
        if (runtime.StopAt is not null)
            return;
        runtime.StopAt = cluster.Now + (grace < cluster.Options.Times.Stop ? grace : cluster.Options.Times.Stop);
        runtime.Stop();
    }

    private DateTimeOffset? Stop(JsonObject pod, PodRuntime runtime, PodBehaviour behaviour)
    {
        if (runtime.StopAt is null)
        {
            foreach (var container in runtime.Containers.Where(container => container.State == ContainerState.Running))
                Tell(pod, container, "Normal", "Killing", $"Stopping container {container.Name}");
            BeginStop(runtime, TimeSpan.FromSeconds(pod.Number("metadata", "deletionGracePeriodSeconds") ?? 0));
        }

        if (cluster.Now < runtime.StopAt && !EndedThemselves(runtime))
        {
            if (behaviour is PodBehaviour.ReadinessFailing failing)
            {
                foreach (var container in runtime.Containers.Where(container => container.State == ContainerState.Running))
                {
                    container.Ready = false;
                    Unhealthy(pod, container, "Readiness", failing.Message);
                }

                cluster.Store.Update(Pod, pod, copy => WriteStatus(copy, runtime));
            }

            return runtime.StopAt;
        }

        runtime.End();
        cluster.Store.Remove(Pod, pod.Namespace(), pod.Name());
        return null;
    }

    private DateTimeOffset? Step(JsonObject pod, PodRuntime runtime, ContainerRuntime container, PodBehaviour behaviour)
    {
        var now = cluster.Now;
        if (container.State == ContainerState.Running)
            return Watch(pod, container, behaviour);
        container.Next ??= now + cluster.Options.Times.Start;
        if (MountProblem(pod, behaviour) is { } problem)
        {
            container.WaitingReason = "ContainerCreating";
            if (container.WaitingMessage != problem)
                cluster.Events.Record(pod, "Warning", "FailedMount", problem, "kubelet", pod.Text("spec", "nodeName"));
            container.WaitingMessage = problem;
            return now + Retry;
        }

        if (behaviour is PodBehaviour.NeverStarts)
            return null;
        if (now < container.Next)
            return container.Next;
        runtime.Address ??= $"10.244.0.{++_addresses % 250}";
        if (container.Log is null && (behaviour is PodBehaviour.ImagePullFailure || container.WaitingReason == "ErrImagePull"))
            return Pull(pod, container, behaviour as PodBehaviour.ImagePullFailure);
        var configuration = behaviour is PodBehaviour.ConfigurationError error ? error.Message : MissingReference(pod, container.Name);
        if (configuration is not null)
        {
            container.State = ContainerState.Waiting;
            (container.WaitingReason, container.WaitingMessage) = ("CreateContainerConfigError", configuration);
            Tell(pod, container, "Warning", "Failed", $"Error: {configuration}");
            container.Next = now + TimeSpan.FromSeconds(1);
            return container.Next;
        }

        Start(pod, runtime, container);
        return Watch(pod, container, behaviour);
    }

    private DateTimeOffset Pull(JsonObject pod, ContainerRuntime container, PodBehaviour.ImagePullFailure? failure)
    {
        container.State = ContainerState.Waiting;
        if (container.WaitingReason != "ErrImagePull")
        {
            var message = $"failed to pull and unpack image \"{container.Image}\": {failure!.Message}";
            (container.WaitingReason, container.WaitingMessage) = ("ErrImagePull", message);
            Tell(pod, container, "Normal", "Pulling", $"Pulling image \"{container.Image}\"");
            Tell(pod, container, "Warning", "Failed", $"Failed to pull image \"{container.Image}\": {message}");
            Tell(pod, container, "Warning", "Failed", "Error: ErrImagePull");
            container.Next = cluster.Now + Retry;
        }
        else
        {
            var text = $"Back-off pulling image \"{container.Image}\"";

            // Newer kubelets repeat the registry's answer in the back-off.
            var message = cluster.Minor >= 32 ? $"{text}: ErrImagePull: {container.WaitingMessage}" : text;
            (container.WaitingReason, container.WaitingMessage) = ("ImagePullBackOff", message);
            Tell(pod, container, "Normal", "BackOff", text);
            Tell(pod, container, "Warning", "Failed", "Error: ImagePullBackOff");
            container.Next = cluster.Now + cluster.Options.Times.ImagePullBackOff;
        }

        return container.Next.Value;
    }

    private void Start(JsonObject pod, PodRuntime runtime, ContainerRuntime container)
    {
        if (container.Log is not null)
        {
            container.Restarts++;
            container.PreviousLog = container.Log;
        }

        container.Log = new ContainerLog(cluster.Options.Clock);
        container.State = ContainerState.Running;
        container.StartedAt = cluster.Now;
        container.ContainerId = "containerd://" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        Tell(pod, container, "Normal", "Pulled", $"Container image \"{container.Image}\" already present on machine");
        Tell(pod, container, "Normal", "Created", cluster.Minor >= 33 ? $"Created container: {container.Name}" : $"Created container {container.Name}");
        Tell(pod, container, "Normal", "Started", $"Started container {container.Name}");
        if (OnStarted is not { } script)
            return;
        var log = container.Log;
        var running = new RunningContainer(pod.Namespace(), pod.Name(), pod.Text("spec", "nodeName") ?? "", container.Name, container.Restarts, log, Exit);
        _ = Task.Run(() => script(running));

        void Exit(int exitCode)
        {
            lock (cluster.Store.Gate)
            {
                if (container.Log != log || !container.IsAlive)
                    return;
                container.Ending = (exitCode, exitCode == 0 ? "Completed" : "Error");
                runtime.Touched = true;
                cluster.Poke();
            }
        }
    }

    /// <summary>A running container: its probes, and how it ends.</summary>
    private DateTimeOffset? Watch(JsonObject pod, ContainerRuntime container, PodBehaviour behaviour)
    {
        var now = cluster.Now;
        (int ExitCode, string Reason)? ending = behaviour switch
        {
            PodBehaviour.CrashLoop crash => (crash.ExitCode, crash.ExitCode == 0 ? "Completed" : "Error"),
            PodBehaviour.OutOfMemory => (137, "OOMKilled"),
            _ => null,
        };
        var lines = behaviour switch
        {
            PodBehaviour.CrashLoop crash => crash.Lines,
            PodBehaviour.OutOfMemory memory => memory.Lines,
            _ => [],
        };
        if (container.Ending is not null)
        {
            End(pod, container, container.Ending.Value);
            return container.Next;
        }

        if (ending is not null)
        {
            foreach (var line in lines)
                container.Log!.Append(line);
            End(pod, container, ending.Value);
            return container.Next;
        }

        var readyAt = container.StartedAt + cluster.Options.Times.Ready;
        container.Started = behaviour is not PodBehaviour.Starting;
        if (behaviour is PodBehaviour.Starting starting)
        {
            container.Ready = false;
            if (now >= readyAt)
                Unhealthy(pod, container, "Startup", starting.Message);
            return now < readyAt ? readyAt : null;
        }

        if (behaviour is PodBehaviour.ReadinessFailing failing)
        {
            container.Ready = false;
            if (now >= readyAt)
                Unhealthy(pod, container, "Readiness", failing.Message);
            return now < readyAt ? readyAt : null;
        }

        container.Ready = now >= readyAt && !container.HeldUnready;
        return now < readyAt ? readyAt : null;
    }

    private void Unhealthy(JsonObject pod, ContainerRuntime container, string probe, string message)
    {
        var text = $"{probe} probe failed: {message}";
        if (!cluster.Events.Told(pod, "Unhealthy", text, $"spec.containers{{{container.Name}}}"))
            Tell(pod, container, "Warning", "Unhealthy", text);
    }

    private void End(JsonObject pod, ContainerRuntime container, (int ExitCode, string Reason) ending)
    {
        container.Ending = null;
        container.Ready = false;
        container.Log!.End();
        container.State = ContainerState.Terminated;
        container.LastTermination = new JsonObject
        {
            ["containerID"] = container.ContainerId,
            ["exitCode"] = ending.ExitCode,
            ["finishedAt"] = Timestamps.Seconds(cluster.Now),
            ["reason"] = ending.Reason,
            ["startedAt"] = Timestamps.Seconds(container.StartedAt),
        };

        // The first restart comes at once, later ones after a back-off.
        if (container.Restarts == 0)
        {
            container.Next = cluster.Now + cluster.Options.Times.Start;
            return;
        }

        container.State = ContainerState.Waiting;
        container.WaitingReason = "CrashLoopBackOff";
        container.WaitingMessage =
            $"back-off 10s restarting failed container={container.Name} pod={pod.Name()}_{pod.Namespace()}({pod.Uid()})";
        container.Next = cluster.Now + cluster.Options.Times.CrashLoopBackOff;
        Tell(pod, container, "Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Name()}_{pod.Namespace()}({pod.Uid()})");
    }

    private string? MountProblem(JsonObject pod, PodBehaviour behaviour)
    {
        if (behaviour is PodBehaviour.MountFailed failed)
            return failed.Message;
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            var name = volume.Text("name");
            if (volume.Text("secret", "secretName") is { } secret && !volume.Flag("secret", "optional") && cluster.Store.Get(Secret, pod.Namespace(), secret) is null)
                return $"MountVolume.SetUp failed for volume \"{name}\" : secret \"{secret}\" not found";
            if (volume.Text("configMap", "name") is { } map && !volume.Flag("configMap", "optional") && cluster.Store.Get(ResourceType.Of("configmaps"), pod.Namespace(), map) is null)
                return $"MountVolume.SetUp failed for volume \"{name}\" : configmap \"{map}\" not found";
            if (volume.Text("persistentVolumeClaim", "claimName") is not { } claimName)
                continue;
            var claim = cluster.Store.Get(ResourceType.Of("persistentvolumeclaims"), pod.Namespace(), claimName);
            var persistent = cluster.Store.Get(ResourceType.Of("persistentvolumes"), "", claim.Text("spec", "volumeName") ?? "");
            if (persistent.At("spec", "csi", "nodeStageSecretRef") is { } reference
                && cluster.Store.Get(Secret, reference.Text("namespace") ?? "", reference.Text("name") ?? "") is null)
            {
                return $"MountVolume.MountDevice failed for volume \"{persistent!.Name()}\" : fetching NodeStageSecretRef {reference.Text("namespace")}/{reference.Text("name")} failed: kubernetes.io/csi: failed to find the secret {reference.Text("name")} in the namespace {reference.Text("namespace")} with error: secrets \"{reference.Text("name")}\" not found";
            }
        }

        return null;
    }

    private string? MissingReference(JsonObject pod, string container)
    {
        var spec = pod.Items("spec", "containers").FirstOrDefault(item => item.Text("name") == container);
        foreach (var variable in spec.Items("env"))
        {
            if (variable.At("valueFrom", "secretKeyRef") is not { } reference || reference.Flag("optional"))
                continue;
            var name = reference.Text("name") ?? "";
            if (cluster.Store.Get(Secret, pod.Namespace(), name) is not { } secret)
                return $"secret \"{name}\" not found";
            if (secret.At("data", reference.Text("key") ?? "") is null)
                return $"couldn't find key {reference.Text("key")} in Secret {pod.Namespace()}/{name}";
        }

        foreach (var source in spec.Items("envFrom"))
        {
            if (source.Text("secretRef", "name") is { } name && !source.Flag("secretRef", "optional") && cluster.Store.Get(Secret, pod.Namespace(), name) is null)
                return $"secret \"{name}\" not found";
        }

        return null;
    }

    private void WriteStatus(JsonObject pod, PodRuntime runtime)
    {
        var now = Timestamps.Seconds(cluster.Now);
        var status = pod.Ensure("status");
        status["phase"] = runtime.Containers.Any(container => container.Log is not null) ? "Running" : "Pending";
        status["hostIP"] = "127.0.0.1";
        status.Default("startTime", now);
        if (runtime.Address is { } address)
        {
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }

        status["containerStatuses"] = new JsonArray([.. runtime.Containers.Select(Status)]);
        Conditions.Set(pod, "Initialized", "True", now);
        var unready = runtime.Containers.Where(container => !container.Ready).Select(container => container.Name).ToList();
        foreach (var type in new[] { "Ready", "ContainersReady" })
        {
            if (unready.Count == 0)
                Conditions.Set(pod, type, "True", now);
            else
                Conditions.Set(pod, type, "False", now, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
        }
    }

    private static JsonObject Status(ContainerRuntime container)
    {
        var ran = container.Log is not null;
        var state = container.State switch
        {
            ContainerState.Running => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Timestamps.Seconds(container.StartedAt) } },
            ContainerState.Terminated => new JsonObject { ["terminated"] = container.LastTermination!.DeepClone() },
            _ => new JsonObject { ["waiting"] = Waiting(container) },
        };
        var status = new JsonObject
        {
            ["image"] = container.Image,
            ["imageID"] = ran ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(container.Image))) : "",
            ["lastState"] = container.LastTermination is { } last && container.State != ContainerState.Terminated
                ? new JsonObject { ["terminated"] = last.DeepClone() }
                : new JsonObject(),
            ["name"] = container.Name,
            ["ready"] = container.Ready,
            ["restartCount"] = container.Restarts,
            ["started"] = container.State == ContainerState.Running && container.Started,
            ["state"] = state,
        };
        if (ran)
            status["containerID"] = container.ContainerId;
        return status;
    }

    private static JsonObject Waiting(ContainerRuntime container)
    {
        var waiting = new JsonObject { ["reason"] = container.WaitingReason };
        if (container.WaitingMessage is not null && container.WaitingReason != "ContainerCreating")
            waiting["message"] = container.WaitingMessage;
        return waiting;
    }

    private void Tell(JsonObject pod, ContainerRuntime container, string type, string reason, string message) =>
        cluster.Events.Record(pod, type, reason, message, "kubelet", pod.Text("spec", "nodeName"), $"spec.containers{{{container.Name}}}");
}
