using System.Globalization;
using Ambrosia.Build.Oracle;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>What is known of messages that a pod which is not ready may have recorded since the last checkpoint. Pure.</summary>
public enum RecordedKind
{
    /// <summary>It may have recorded some, or left some of others.</summary>
    Possible,

    /// <summary>None of the pod's container's lives was primary: what is in the log is its predecessor's.</summary>
    NotByThisPod,

    /// <summary>The log ends in a checkpoint, whoever wrote it.</summary>
    NothingAtAll,
}

/// <inheritdoc cref="RecordedKind"/>
/// <param name="Reason">For a person.</param>
public sealed record Recorded(RecordedKind Kind, string Reason)
{
    /// <summary>sysexits' EX_USAGE, with which our coordinator ends before it has looked at its log.</summary>
    private const int UsageExitCode = 64;

    /// <summary>Exit codes of processes that a signal has ended.</summary>
    private const int FirstSignal = 129, LastSignal = 192;

    /// <summary>Times are in whole seconds, and those of one moment may lie on either side of a second's end.</summary>
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(1);

    /// <summary>What the pod's own status proves; null where its coordinator's words are needed.</summary>
    public static Recorded? FromStatus(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (ContainerOf(pod) is not { } container || HasNeverRun(container))
            return new Recorded(RecordedKind.NotByThisPod, "it never started");
        // Its startup probe passes when the coordinator is primary, and not before.
        return container.Started == true ? new Recorded(RecordedKind.Possible, "its pod was primary and is not ready") : null;
    }

    /// <summary>
    /// What the pod's container wrote. The newest word decides: a coordinator says what it has to replay when it has read its log, and says so
    /// when it is primary. kubectl shows two lives at most; those before count only where the last one says nothing of the log.
    /// </summary>
    /// <param name="current">Of the life that runs or has just ended; null where there is none or it cannot be read.</param>
    /// <param name="previous">Of the life in the container's lastState; null likewise.</param>
    public static Recorded FromWords(V1Pod pod, string? current, string? previous)
    {
        ArgumentNullException.ThrowIfNull(pod);
        foreach (var line in Lines(current).Reverse().Concat(Lines(previous).Reverse()).Select(LogLine.Parse))
        {
            switch (line)
            {
                case LogLine.Ready:
                    return new Recorded(RecordedKind.Possible, "it was primary before it failed");
                case LogLine.CoordinatorError { RefusesLog: true }:
                    return new Recorded(RecordedKind.NotByThisPod, "its coordinator refuses the log, as it would not if it had written it");
                case LogLine.Recovering { Records: 0 }:
                    return new Recorded(RecordedKind.NothingAtAll, "its log ends in a checkpoint");
                case LogLine.Recovering { Records: var records }:
                    return new Recorded(RecordedKind.Possible, string.Create(CultureInfo.InvariantCulture, $"{records} log records are in no checkpoint"));
            }
        }

        if (WasReady(pod))
            return new Recorded(RecordedKind.Possible, "its pod was ready once");
        var container = ContainerOf(pod)!;
        if (IsWhole(container, current, previous))
            return new Recorded(RecordedKind.NotByThisPod, "it was never primary");
        return EveryLifeEndsLike(container, container.State?.Terminated is not null ? current : previous) is { } reason
            ? new Recorded(RecordedKind.NotByThisPod, reason)
            : new Recorded(RecordedKind.Possible, "whether it was primary before its container was started again is not known");
    }

    public static V1ContainerStatus? ContainerOf(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == Naming.Container);
    }

    public static bool HasNeverRun(V1ContainerStatus container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return container is { RestartCount: 0, State.Waiting: not null, LastState: null or { Terminated: null, Running: null } };
    }

    public static bool HasCurrentLife(V1ContainerStatus container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return container.State is { Running: not null } or { Terminated: not null };
    }

    public static bool HasPreviousLife(V1ContainerStatus container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return container.LastState is { Terminated: not null };
    }

    /// <summary>Whether nothing has begun or ended between two looks.</summary>
    public static bool IsSameLife(V1ContainerStatus one, V1ContainerStatus other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return (one.RestartCount, one.ContainerID, HasCurrentLife(one), HasPreviousLife(one))
            == (other.RestartCount, other.ContainerID, HasCurrentLife(other), HasPreviousLife(other));
    }

    /// <summary>The kubelet makes the condition False when it takes the pod, and changes its time only with its status.</summary>
    private static bool WasReady(V1Pod pod) =>
        pod.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastTransitionTime is { } changed
        && pod.Status.StartTime is { } start && changed > start + Granularity;

    private static bool IsWhole(V1ContainerStatus container, string? current, string? previous)
    {
        var (hasCurrent, hasPrevious) = (HasCurrentLife(container), HasPreviousLife(container));
        return container.RestartCount + 1 == (hasCurrent ? 1 : 0) + (hasPrevious ? 1 : 0)
            && (!hasCurrent || IsFromItsStart(current)) && (!hasPrevious || IsFromItsStart(previous));
    }

    /// <summary>
    /// The kubelet shows a life's newest file alone, and begins another one when that is full (containerLogMaxSize). Apps fill files; a coordinator
    /// does not, and it says that its app was started before it can be primary.
    /// </summary>
    private static bool IsFromItsStart(string? words) =>
        words is not null && (Lines(words).Any(line => LogLine.Parse(line) is LogLine.AppStarted) || Lines(words).All(LogLine.IsCoordinators));

    /// <summary>Ends that come from the image and the arguments alone, which all lives of a container have in common.</summary>
    /// <param name="words">Of the life that ended last; the one that runs now may have said nothing yet.</param>
    private static string? EveryLifeEndsLike(V1ContainerStatus container, string? words)
    {
        var end = container.State?.Terminated ?? container.LastState?.Terminated;
        return end switch
        {
            null => null,
            { ExitCode: UsageExitCode } => "its coordinator refuses its arguments",
            { Reason: "StartError" or "ContainerCannotRun", Message: var message } =>
                message?.Contains("exec: ", StringComparison.Ordinal) == true ? "its command cannot be executed" : null,
            { ExitCode: not 0 and (< FirstSignal or > LastSignal) } when words is not null && !Lines(words).Any(LogLine.IsCoordinators) => "what its container runs is no coordinator",
            _ => null,
        };
    }

    private static string[] Lines(string? words) => (words ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
