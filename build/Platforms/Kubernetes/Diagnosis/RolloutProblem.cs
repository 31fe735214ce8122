namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

public enum RolloutProblemKind
{
    /// <summary>The registry refuses the nodes: a role assignment may take minutes to be known everywhere.</summary>
    PullRefused,
    ImageNotFound,
    PullRateLimited,
    RegistryUnreachable,

    /// <summary>The nodes look for a registry of the pushing machine on themselves.</summary>
    RegistryOnNode,

    /// <summary>The registry speaks plain HTTP, and the nodes were not told so.</summary>
    RegistryWithoutTls,
    WrongPlatform,
    NodeDiskFull,
    PullFailed,
    ImageNotOnNode,
    InvalidImageName,
    CrashLoop,
    OutOfMemory,
    CommandMissing,

    /// <summary>The node's seccomp profile forbids what the image's C library cannot do without.</summary>
    SystemCallForbidden,
    SecretMissing,
    ConfigurationMissing,
    RunsAsRoot,
    ContainerNotCreated,
    ClaimUnbound,
    ClaimMissing,
    MountFailed,
    MountRefused,
    VolumeInUse,

    /// <summary>The container's user may not write into its volume.</summary>
    VolumeNotWritable,
    QuotaExceeded,
    ServiceAccountMissing,
    PodRefused,
    Unschedulable,
    NodeNotReady,
    ProbeFailing,
    TerminatingStuck,
    Evicted,

    /// <summary>A pod of an earlier revision that never became ready keeps its StatefulSet from replacing it.</summary>
    BlockedByOldPod,

    /// <summary>Nothing is wrong as far as can be seen: it has not got there yet.</summary>
    InProgress,
}

/// <summary>Why an instance does not run.</summary>
/// <param name="Instance">Name of its StatefulSet.</param>
/// <param name="Pod">The pod that shows it; null where there is none.</param>
/// <param name="What">What is so, with Kubernetes' own words.</param>
/// <param name="Cure">What a person does about it.</param>
/// <param name="LastLines">The end of the container's output, where that says why.</param>
public sealed record RolloutProblem(
    string Instance, string? Pod, RolloutProblemKind Kind, string What, string Cause, string Cure, IReadOnlyList<string> LastLines)
{
    /// <summary>May go away by itself within the deadline; everything else needs a person or another deployment.</summary>
    public bool IsNotYet => Kind is RolloutProblemKind.PullRefused or RolloutProblemKind.PullRateLimited or RolloutProblemKind.RegistryUnreachable
        or RolloutProblemKind.InProgress or RolloutProblemKind.ProbeFailing or RolloutProblemKind.NodeNotReady or RolloutProblemKind.Unschedulable
        or RolloutProblemKind.ClaimUnbound or RolloutProblemKind.ClaimMissing or RolloutProblemKind.MountFailed or RolloutProblemKind.VolumeInUse
        or RolloutProblemKind.CrashLoop or RolloutProblemKind.Evicted or RolloutProblemKind.TerminatingStuck or RolloutProblemKind.BlockedByOldPod
        or RolloutProblemKind.ContainerNotCreated or RolloutProblemKind.PullFailed;

    /// <summary>The pod's uid: its successor has the same name.</summary>
    public string? PodUid { get; init; }

    /// <summary>
    /// Concluded from an event alone: events stay for an hour, and the cluster has tried again since. It is "not yet" until it has been seen for minutes.
    /// </summary>
    public bool IsFromEvents { get; init; }

    /// <summary>Its container runs, and its startup probe has not passed: it replays its log, which may take as long as the probe allows.</summary>
    public bool IsStarting { get; init; }

    /// <summary>A new pod starts with no back-off, and with the mounts and the template of now.</summary>
    public bool IsHelpedByNewPod => Kind is RolloutProblemKind.PullRefused or RolloutProblemKind.BlockedByOldPod;
}
