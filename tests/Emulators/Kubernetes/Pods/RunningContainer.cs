namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>One life of a container, for what a test lets it do.</summary>
public sealed class RunningContainer
{
    private readonly ContainerLog _log;
    private readonly Action<int> _exit;

    internal RunningContainer(string @namespace, string pod, string node, string container, int restarts, ContainerLog log, Action<int> exit)
    {
        (Namespace, Pod, Node, Container, Restarts) = (@namespace, pod, node, container, restarts);
        (_log, _exit) = (log, exit);
    }

    public string Namespace { get; }

    public string Pod { get; }

    /// <summary>Where it runs.</summary>
    public string Node { get; }

    public string Container { get; }

    /// <summary>How many lives the container had before this one, in the same pod.</summary>
    public int Restarts { get; }

    /// <summary>
    /// Cancelled when the container gets SIGTERM: it may end itself then, and is ended after <see cref="PodTimes.Stop"/> or its pod's grace period.
    /// </summary>
    public CancellationToken Stopping => _log.Stopping;

    /// <summary>Cancelled when this life ends.</summary>
    public CancellationToken Life => _log.Life;

    /// <summary>Ends this life from inside.</summary>
    public void Exit(int exitCode) => _exit(exitCode);

    /// <summary>Writes a line to the container's log.</summary>
    public void WriteLine(string line) => _log.Append(line);
}
