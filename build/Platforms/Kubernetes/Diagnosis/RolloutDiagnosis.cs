using System.Globalization;
using System.Text.RegularExpressions;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>
/// From what a cluster shows to what is wrong, why, and what to do about it: one problem for each instance that does not run, the
/// nearest to its cause. Pure.
/// </summary>
public static partial class RolloutDiagnosis
{
    /// <summary>Beyond its grace period a pod is given this long to be gone.</summary>
    private static readonly TimeSpan TerminatingLimit = TimeSpan.FromSeconds(30);

    /// <summary>The apply came before the wait, and events tell of whole seconds.</summary>
    private static readonly TimeSpan BeforeTheWait = TimeSpan.FromMinutes(2);

    /// <summary>A ResourceQuota, a LimitRange's bounds, and a request above the limit that a LimitRange gives to whoever names none.</summary>
    private static readonly string[] AsksForOtherResources = ["must specify ", " usage per ", "limit to request ratio", "must be less than or equal to ", "LimitRange"];

    public static IReadOnlyList<RolloutProblem> Of(RolloutSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return [.. snapshot.Objects.StatefulSets.Where(set => !RolloutState.IsComplete(set)).Select(set => Of(set, snapshot))];
    }

    /// <summary>When it happened last. The scheduler's events have no first and last time.</summary>
    internal static DateTime TimeOf(Corev1Event happened) =>
        happened.LastTimestamp ?? happened.Series?.LastObservedTime ?? happened.EventTime ?? happened.FirstTimestamp
        ?? happened.Metadata?.CreationTimestamp ?? DateTime.MinValue;

    private static RolloutProblem Of(V1StatefulSet set, RolloutSnapshot snapshot)
    {
        var instance = set.Metadata.Name;
        var pods = snapshot.Objects.Pods.Where(pod => IsOf(pod, set)).ToList();
        if (pods.Count == 0)
            return NoPod(set, snapshot);
        // What ends is nobody's trouble but when it does not end: its probes may fail meanwhile, and its successor has its name.
        foreach (var pod in pods.Where(IsEnding))
        {
            if ((Stuck(instance, pod, snapshot) ?? LostNode(instance, pod, snapshot)) is { } stuck)
                return stuck with { PodUid = pod.Metadata.Uid };
        }

        foreach (var pod in pods.Where(pod => !IsEnding(pod)))
        {
            if ((LostNode(instance, pod, snapshot) ?? OfPod(instance, pod, snapshot)) is not { } found)
                continue;
            var problem = found with { PodUid = pod.Metadata.Uid };
            // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback: a pod of an older revision that never
            // became ready is not replaced, however good the new template is (kubernetes/kubernetes#67250).
            return RolloutState.WantedRevision(set) is { } wanted && RolloutState.RevisionOf(pod) is { } revision && revision != wanted
                ? problem with
                {
                    Kind = RolloutProblemKind.BlockedByOldPod,
                    What = $"the pod of the former deployment is in the way: {problem.What}",
                    Cure = $"{UserCommands.Line(snapshot.Access, "delete", $"pod/{pod.Metadata.Name}")}; its StatefulSet makes one of the new deployment",
                }
                : problem;
        }

        return InProgress(instance, pods[0], snapshot);
    }

    private static RolloutProblem NoPod(V1StatefulSet set, RolloutSnapshot snapshot)
    {
        var instance = set.Metadata.Name;
        var told = LastEvent(snapshot, set.Metadata, happened => happened.Reason is "FailedCreate" or "SuccessfulCreate");
        var message = told is { Reason: "FailedCreate" } && TimeOf(told) >= (snapshot.Since - BeforeTheWait).UtcDateTime ? told.Message : null;
        var (kind, cause, cure) = message switch
        {
            null => (RolloutProblemKind.InProgress, "the cluster's controller has not made it yet", "wait; kubectl get events shows what it does"),
            _ when message.Contains("exceeded quota", StringComparison.Ordinal) => (
                RolloutProblemKind.QuotaExceeded, "a ResourceQuota of the namespace is used up", "raise it (kubectl describe resourcequota), or remove what uses it"),
            _ when message.Contains("serviceaccount", StringComparison.OrdinalIgnoreCase) && message.Contains("not found", StringComparison.Ordinal) => (
                RolloutProblemKind.ServiceAccountMissing, "the ServiceAccount that the pod is to run under does not exist", "make it, or name another"),
            _ when message.Contains("PodSecurity", StringComparison.Ordinal) => (
                RolloutProblemKind.PodRefused, "the namespace's Pod Security level forbids such a pod", "use a namespace with a lower level, or an image that needs less"),
            _ when message.Contains("failed calling webhook", StringComparison.Ordinal) || message.Contains("admission webhook", StringComparison.Ordinal)
                || message.Contains("denied request: ", StringComparison.Ordinal) => (
                RolloutProblemKind.PodRefused, "an admission webhook or policy of the cluster refuses the pod, or does not answer", "ask the cluster's administrator about it"),
            _ when AsksForOtherResources.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase)) => (
                RolloutProblemKind.QuotaExceeded, "a LimitRange or ResourceQuota of the namespace asks for other requests and limits",
                "set kubernetes.resources.limits and .requests as it asks (kubectl describe limitrange,resourcequota)"),
            _ => (RolloutProblemKind.PodRefused, "the API server refuses the pod", "see its answer"),
        };
        return new RolloutProblem(instance, null, kind, message is null ? "there is no pod yet" : $"the pod cannot be made: {PodRefusal(message)}", cause, cure, [])
        {
            IsFromEvents = message is not null,
        };
    }

    private static RolloutProblem? Stuck(string instance, V1Pod pod, RolloutSnapshot snapshot)
    {
        if (pod.Metadata.DeletionTimestamp is not { } deletion || snapshot.Now - deletion < TerminatingLimit)
            return null;
        var late = snapshot.Now - deletion;
        var finalizers = pod.Metadata.Finalizers ?? [];
        var (cause, cure) = IsNodeReady(pod, snapshot) == false
            ? ($"its node {pod.Spec?.NodeName} is not ready, so nobody can tell that its processes have ended",
                "bring the node back, or, when you know that the machine is off (what still runs of the pod would run on beside its successor): "
                + UserCommands.Line(snapshot.Access, "delete", $"pod/{pod.Metadata.Name}", "--grace-period=0", "--force"))
            : finalizers.Count > 0
                ? ($"finalizers hold it: {string.Join(", ", finalizers)}", "see what set them")
                : ("the node cannot end its processes or unmount its volumes", "kubectl describe pod and the node's kubelet log say why");
        return new RolloutProblem(
            instance, pod.Metadata.Name, RolloutProblemKind.TerminatingStuck,
            string.Create(CultureInfo.InvariantCulture, $"the former pod has been ending for {late.TotalSeconds:0} s longer than it may"), cause, cure, []);
    }

    private static RolloutProblem? LostNode(string instance, V1Pod pod, RolloutSnapshot snapshot) =>
        IsNodeReady(pod, snapshot) is var ready && (ready == false
        || (ready is null && pod.Status?.Phase != "Pending" && !IsReady(pod)
            && LastEvent(snapshot, pod.Metadata, e => e.Reason == "NodeNotReady") is { } told && TimeOf(told) >= StartedAt(pod)))
            ? new RolloutProblem(
                instance, pod.Metadata.Name, RolloutProblemKind.NodeNotReady, $"its node {pod.Spec?.NodeName} is not ready",
                "the node's machine or kubelet is down, or cut off", $"kubectl describe node {pod.Spec?.NodeName}; kubectl drain moves its pods once it is known to be off", [])
            : null;

    private static RolloutProblem? OfPod(string instance, V1Pod pod, RolloutSnapshot snapshot)
    {
        var name = pod.Metadata.Name;
        if (pod.Status is { Phase: "Failed", Reason: { } reason } failed)
        {
            return new RolloutProblem(
                instance, name, RolloutProblemKind.Evicted, $"the pod was ended by the node: {reason}: {failed.Message}", "the node ran short of something",
                "use larger nodes, or free what the message names", []);
        }

        if (pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } unscheduled)
            return SchedulingFailure.Explain(instance, pod, unscheduled.Message ?? "", snapshot);
        // A container that waits for a former one is no news; what that one died of is.
        var statuses = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);
        return statuses.Select(status => OfContainer(instance, pod, status, snapshot)).FirstOrDefault(problem => problem is not null);
    }

    private static RolloutProblem? OfContainer(string instance, V1Pod pod, V1ContainerStatus status, RolloutSnapshot snapshot)
    {
        var name = pod.Metadata.Name;
        var lines = snapshot.LastLines.GetValueOrDefault(name) ?? [];
        var unhealthy = LastEvent(snapshot, pod.Metadata, happened => happened.Reason == "Unhealthy")?.Message;
        var liveness = unhealthy?.StartsWith("Liveness", StringComparison.Ordinal) == true ? unhealthy : null;
        if (status.State?.Waiting is { } waiting)
            return OfWaiting(instance, pod, status, waiting, lines, liveness, snapshot);
        if (status.State?.Terminated is { } ended)
            return ended.ExitCode == 0 && status.RestartCount == 0 ? null : ContainerFailure.Ended(instance, name, status, ended, lines, liveness);
        if (status.Ready)
            return null;
        // It runs for now; an end that lies behind it says more than the probe that waits for the next.
        if (status.RestartCount > 1 && status.LastState?.Terminated is { } former)
            return ContainerFailure.Ended(instance, name, status, former, lines, liveness);
        return unhealthy is null
            ? null
            : new RolloutProblem(
                instance, name, RolloutProblemKind.ProbeFailing, $"the pod runs but is not ready: {unhealthy}",
                "the coordinator is not primary yet: it replays its log, waits for its log's lock or lease, or for its app", "its last lines say what it is doing", lines)
            { IsStarting = IsStarting(pod) };
    }

    private static RolloutProblem? OfWaiting(
        string instance, V1Pod pod, V1ContainerStatus status, V1ContainerStateWaiting waiting, IReadOnlyList<string> lines, string? liveness,
        RolloutSnapshot snapshot)
    {
        var message = waiting.Message ?? "";
        switch (waiting.Reason)
        {
            case "ErrImagePull" or "ImagePullBackOff" or "RegistryUnavailable":
                // The back-off's own message says nothing of the registry; the event that came before does.
                var told = LastEvent(snapshot, pod.Metadata, e => e.Reason == "Failed" && e.Message?.StartsWith("Failed to pull image", StringComparison.Ordinal) == true)?.Message;
                var answer = waiting.Reason == "ImagePullBackOff" && RegistryAnswer.Classify(message) == RolloutProblemKind.PullFailed ? told ?? message : message;
                var kind = RegistryAnswer.Classify(answer, status.Image);
                var (cause, cure) = RegistryAnswer.Advice(kind, status.Image);
                return Problem(kind, $"the image {status.Image} cannot be pulled: {answer}", cause, cure) with { IsFromEvents = answer != message };
            case "ErrImageNeverPull":
                return Problem(
                    RolloutProblemKind.ImageNotOnNode, $"the image {status.Image} is not on the node, and may not be pulled", "it was not loaded into this node",
                    "load it into the nodes (kubernetes.imageLoader names how, ./build.sh --target=Push does it), or set kubernetes.registry");
            case "InvalidImageName":
                return Problem(RolloutProblemKind.InvalidImageName, message, "the image's name is not valid", "correct images.public or kubernetes.registry");
            case "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError":
                return NotCreated(message);
            case "ContainerCreating" or "PodInitializing":
                return Creating();
            case "CrashLoopBackOff" when status.LastState?.Terminated is { } end:
                return ContainerFailure.Ended(instance, pod.Metadata.Name, status, end, lines, liveness);
            case "CrashLoopBackOff":
                return Problem(RolloutProblemKind.CrashLoop, $"the container ends again and again: {message}", "its last lines say why", "correct what they name");
            default:
                return Problem(RolloutProblemKind.ContainerNotCreated, $"{waiting.Reason}: {message}", "the node cannot start the container", "kubectl describe pod shows more");
        }

        RolloutProblem Problem(RolloutProblemKind kind, string what, string cause, string cure) => new(instance, pod.Metadata.Name, kind, what, cause, cure, lines);

        RolloutProblem NotCreated(string text)
        {
            if (ContainerFailure.StartFailure(text, lines) is var (kind, what, cause, cure))
                return Problem(kind, what, cause, cure);
            if (text.Contains("runAsNonRoot", StringComparison.Ordinal))
            {
                return Problem(
                    RolloutProblemKind.RunsAsRoot, text, "the image runs as root, and the pod forbids it",
                    "name a numeric user in the Dockerfile (USER 1654), or use an image that does");
            }

            return MissingObject().Match(text) is { Success: true } missing
                ? Problem(
                    missing.Groups["kind"].Value.Equals("secret", StringComparison.OrdinalIgnoreCase) ? RolloutProblemKind.SecretMissing : RolloutProblemKind.ConfigurationMissing,
                    text, "the pod refers to something that is not in its namespace", "deploy again: ./build.sh --target=Deploy")
                : Problem(RolloutProblemKind.ContainerNotCreated, text, "the node cannot make the container", "kubectl describe pod shows more");
        }

        RolloutProblem SandboxFailed(string text)
        {
            // In the words of containerd, CRI-O and the kubelet.
            string[] network = ["network for sandbox", "network for pod", "network plugin", "NetworkPlugin", "cni plugin", "cni config", "pod network"];
            var (cause, cure) = text.Contains("sandbox image", StringComparison.Ordinal)
                ? ("the node cannot pull the image that holds a pod together", "let the node reach the registry of that image")
                : network.Any(word => text.Contains(word, StringComparison.Ordinal))
                    ? ("the node cannot make the pod's network", "check the cluster's network plugin on that node")
                    : ("the node's container runtime cannot start a pod", "check the container runtime on that node, and the logs of its kubelet");
            return Problem(RolloutProblemKind.ContainerNotCreated, text, cause, cure);
        }

        RolloutProblem? Creating()
        {
            // A large image is pulled for minutes after a mount that came right at the second try.
            var failure = LastEvent(
                snapshot, pod.Metadata,
                e => e.Reason is "FailedMount" or "FailedAttachVolume" or "FailedMapVolume" or "FailedCreatePodSandBox" or "Pulling" or "Pulled" or "Created");
            return failure switch
            {
                null or { Reason: "Pulling" or "Pulled" or "Created" } => null,
                { Reason: "FailedCreatePodSandBox" } => SandboxFailed(failure.Message ?? "") with { IsFromEvents = true },
                _ => MountFailure.Explain(instance, pod, failure),
            };
        }
    }

    private static RolloutProblem InProgress(string instance, V1Pod pod, RolloutSnapshot snapshot)
    {
        var lines = snapshot.LastLines.GetValueOrDefault(pod.Metadata.Name) ?? [];
        var what = IsEnding(pod)
            ? "the former pod is ending"
            : pod.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting?.Reason is { } reason ? $"the pod is being made ({reason})"
            : IsReady(pod) ? "the pod is ready, and the rollout not yet noted"
            : IsStarting(pod) ? "the pod runs, and its coordinator is starting: it replays its log" : "the pod runs, and is not ready yet";
        return new RolloutProblem(
            instance, pod.Metadata.Name, RolloutProblemKind.InProgress, what, "nothing is wrong as far as can be seen", "wait, or raise verify.deadlineSeconds", lines)
        {
            PodUid = pod.Metadata.Uid,
            IsStarting = IsStarting(pod),
        };
    }

    private static bool IsOf(V1Pod pod, V1StatefulSet set) =>
        pod.Metadata.OwnerReferences?.Any(owner => owner.Kind == "StatefulSet" && owner.Name == set.Metadata.Name) == true;

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static bool IsEnding(V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    /// <summary>The kubelet sets <c>started</c> when the startup probe has passed.</summary>
    private static bool IsStarting(V1Pod pod) =>
        !IsEnding(pod) && (pod.Status?.ContainerStatuses ?? []).Any(status => status is { State.Running: not null, Started: false });

    private static DateTime StartedAt(V1Pod pod) => pod.Status?.StartTime ?? DateTime.MinValue;

    /// <summary>Null where the node is not known: without the right to read nodes.</summary>
    private static bool? IsNodeReady(V1Pod pod, RolloutSnapshot snapshot)
    {
        var node = snapshot.Objects.Nodes.FirstOrDefault(node => node.Metadata.Name == pod.Spec?.NodeName);
        return node?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready") is { } ready ? ready.Status == "True" : null;
    }

    private static Corev1Event? LastEvent(RolloutSnapshot snapshot, V1ObjectMeta about, Func<Corev1Event, bool> isWanted) =>
        snapshot.Events.Events.Where(happened => IsAbout(happened, about) && isWanted(happened)).OrderBy(TimeOf).LastOrDefault();

    /// <summary>
    /// By its uid: events live for an hour, and the pods of a StatefulSet have the names of those before them. An event without one is nobody's.
    /// </summary>
    internal static bool IsAbout(Corev1Event happened, V1ObjectMeta about) =>
        happened.InvolvedObject?.Uid is { Length: > 0 } uid && uid == about.Uid;

    /// <summary>Without what StatefulSets and ReplicaSets put before the API server's own words.</summary>
    private static string PodRefusal(string message) => message.IndexOf("error: ", StringComparison.Ordinal) is var at and >= 0 ? message[(at + "error: ".Length)..] : message;

    [GeneratedRegex("""(?<kind>secret|configmap) "[^"]+" not found|couldn't find key .* in (?<kind>Secret|ConfigMap) """, RegexOptions.IgnoreCase)]
    private static partial Regex MissingObject();
}
