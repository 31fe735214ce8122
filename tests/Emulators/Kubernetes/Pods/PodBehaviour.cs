namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>How a pod fares. Without one it becomes ready.</summary>
public abstract record PodBehaviour
{
    private PodBehaviour()
    {
    }

    /// <summary>The pod becomes ready.</summary>
    public sealed record Healthy : PodBehaviour;

    /// <summary>The image cannot be pulled: ErrImagePull, then ImagePullBackOff. When this ends, a pod that is there goes on only after its back-off
    /// (<see cref="PodTimes.ImagePullBackOff"/>); a new pod pulls at once.</summary>
    /// <param name="Message">The registry's answer.</param>
    public sealed record ImagePullFailure(string Message) : PodBehaviour;

    /// <summary>The container ends again and again.</summary>
    /// <param name="Lines">What it writes to its log each time.</param>
    public sealed record CrashLoop(int ExitCode, params IReadOnlyList<string> Lines) : PodBehaviour;

    /// <summary>The container is ended for its use of memory, again and again.</summary>
    /// <param name="Lines">What it writes to its log each time.</param>
    public sealed record OutOfMemory(params IReadOnlyList<string> Lines) : PodBehaviour;

    /// <summary>No node takes the pod.</summary>
    /// <param name="Message">"0/1 nodes are available: 1 Insufficient cpu."</param>
    public sealed record Unschedulable(string Message) : PodBehaviour;

    /// <summary>The pod is not made: FailedCreate on the object that owns it.</summary>
    /// <param name="Message">"exceeded quota: quota, requested: requests.memory=32Mi, used: requests.memory=0, limited: requests.memory=16Mi"</param>
    public sealed record QuotaExceeded(string Message) : PodBehaviour;

    /// <summary>A volume cannot be mounted: ContainerCreating with the event FailedMount.</summary>
    /// <param name="Message">"MountVolume.MountDevice failed for volume \"data\" : ..."</param>
    public sealed record MountFailed(string Message) : PodBehaviour;

    /// <summary>The container cannot be made: CreateContainerConfigError.</summary>
    /// <param name="Message">"secret \"web-secret\" not found"</param>
    public sealed record ConfigurationError(string Message) : PodBehaviour;

    /// <summary>The container runs but does not become ready. A pod that is ending is probed as long as its containers run.</summary>
    /// <param name="Message">"HTTP probe failed with statuscode: 503"</param>
    public sealed record ReadinessFailing(string Message) : PodBehaviour;

    /// <summary>The container runs, and its startup probe does not pass.</summary>
    /// <param name="Message">"HTTP probe failed with statuscode: 503"</param>
    public sealed record Starting(string Message) : PodBehaviour;

    /// <summary>The pod waits for its container without an end: ContainerCreating.</summary>
    public sealed record NeverStarts : PodBehaviour;
}
