using System.Globalization;

namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>What of a pod's change a person wants to read. Pure.</summary>
internal static class PodText
{
    /// <summary>Null for the rest.</summary>
    public static string? Of(FollowEvent.Pod change) => change switch
    {
        { State: null, Former: not null } => $"{change.Instance}: its pod is gone",
        { IsReplaced: true } => $"{change.Instance}: its pod was replaced{(change.State!.Node is { } node ? $", now on {node}" : "")}",
        { IsRestarted: true } => string.Create(
            CultureInfo.InvariantCulture,
            $"{change.Instance}: its container ended ({End(change.State!)}) and was started again, restart {change.State!.Restarts}"),
        { State: { IsBackingOff: true } state, Former.IsBackingOff: false } =>
            $"{change.Instance}: its container ended ({End(state)}); the kubelet waits before the next start ({PodState.BackOff})",
        { State.IsReady: true, Former.IsReady: false } => $"{change.Instance}: ready",
        _ => null,
    };

    private static string End(PodState state) =>
        state.Former is { } end ? string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}{(end.Reason is null or "Error" ? "" : ", " + end.Reason)}") : "unknown how";
}
