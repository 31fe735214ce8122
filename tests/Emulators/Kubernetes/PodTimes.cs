namespace Ambrosia.Emulators.Kubernetes;

/// <summary>How long the emulated cluster takes for its steps. The defaults are short: tests wait for states, not for times.</summary>
public sealed record PodTimes
{
    /// <summary>From a pod's creation until its containers run.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>From the start of the containers until the readiness probe succeeds.</summary>
    public TimeSpan Ready { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>From SIGTERM until the containers have ended; never longer than the pod's grace period.</summary>
    public TimeSpan Stop { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How long a pod waits before it pulls an image again that could not be pulled.</summary>
    public TimeSpan ImagePullBackOff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a container waits before it is started again after it ended for the second time; after the first end it starts at once.</summary>
    public TimeSpan CrashLoopBackOff { get; init; } = TimeSpan.FromSeconds(1);
}
