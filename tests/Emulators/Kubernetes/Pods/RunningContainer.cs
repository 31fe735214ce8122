namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>One life of a container, for what a test lets it do.</summary>
public sealed class RunningContainer
{
    private readonly ContainerLog _log;

    internal RunningContainer(string @namespace, string pod, string container, int restarts, ContainerLog log)
    {
        (Namespace, Pod, Container, Restarts) = (@namespace, pod, container, restarts);
        _log = log;
    }

    public string Namespace { get; }

    public string Pod { get; }

    public string Container { get; }

    /// <summary>How many lives the container had before this one, in the same pod.</summary>
    public int Restarts { get; }

    /// <summary>Cancelled when this life ends.</summary>
    public CancellationToken Life => _log.Life;

    /// <summary>Writes a line to the container's log.</summary>
    public void WriteLine(string line) => _log.Append(line);
}
