namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>How a command in a container ended.</summary>
public sealed record ExecResult(int ExitCode, string Stdout = "", string Stderr = "")
{
    /// <summary>Why the command could not be started: an internal error of the server; null when it could.</summary>
    public string? StartError { get; init; }

    /// <summary>Why the server could not pass the command on; null when it could.</summary>
    internal string? ProxyError { get; init; }
}
