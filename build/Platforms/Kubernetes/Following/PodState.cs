using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>What matters of a pod to whoever follows it.</summary>
/// <param name="Uid">Tells a pod from its successor of the same name.</param>
/// <param name="Restarts">How often its container was started again.</param>
/// <param name="IsRunning">The container runs, so that it has a log of its own.</param>
/// <param name="Waiting">Why it does not, such as <c>CrashLoopBackOff</c>.</param>
/// <param name="StartedAt">When the present life began; null while there is none.</param>
/// <param name="Former">How the former life of the container ended.</param>
public sealed record PodState(
    string Name, string Uid, string Phase, int Restarts, bool IsReady, bool IsRunning, bool IsEnding, string? Waiting, DateTimeOffset? StartedAt,
    ContainerEnd? Former, string? ImageId, string? Node)
{
    public const string BackOff = "CrashLoopBackOff";

    public bool IsBackingOff => Waiting == BackOff;

    /// <summary>The same container as <paramref name="other"/>, with the same log.</summary>
    public bool IsSameLife(PodState? other) => other is not null && Uid == other.Uid && Restarts == other.Restarts;

    public static PodState Of(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var containers = pod.Status?.ContainerStatuses ?? [];
        var container = containers.FirstOrDefault(status => status.Name == Naming.Container) ?? containers.FirstOrDefault();
        var end = container?.State?.Terminated ?? container?.LastState?.Terminated;
        return new PodState(
            pod.Metadata.Name,
            pod.Metadata.Uid ?? "",
            pod.Status?.Phase ?? "Pending",
            container?.RestartCount ?? 0,
            pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true,
            container?.State?.Running is not null,
            pod.Metadata.DeletionTimestamp is not null,
            container?.State?.Waiting?.Reason ?? (container?.State?.Terminated is { } now ? now.Reason ?? "Terminated" : null),
            container?.State?.Running?.StartedAt,
            end is null ? null : new ContainerEnd(end.ExitCode, end.Reason, end.FinishedAt),
            container?.ImageID is { Length: > 0 } image ? image : null,
            pod.Spec?.NodeName);
    }

    /// <summary>The pods among what kubectl has answered.</summary>
    public static IReadOnlyList<PodState> All(ClusterObjects objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return [.. objects.Pods.Select(Of)];
    }
}
