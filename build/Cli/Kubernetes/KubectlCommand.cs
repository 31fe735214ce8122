namespace Ambrosia.Build.Cli.Kubernetes;

/// <summary>One kubectl command without the options that every command gets.</summary>
public sealed record KubectlCommand(params IReadOnlyList<string> Arguments)
{
    /// <summary>Manifests and patches go here, never into a file or an argument.</summary>
    public string? StandardInput { get; init; }

    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    /// <summary>How long one request to the API server may take; null for commands that wait, such as a watch.</summary>
    public TimeSpan? RequestTimeout { get; init; } = KubectlCli.DefaultRequestTimeout;

    /// <summary>How long the whole command may take.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <param name="Failure">What went wrong in kubectl or the API server; null after success, and where only the command of an exec failed.</param>
public sealed record KubectlResult(int ExitCode, string StandardOutput, string StandardError, KubectlFailure? Failure)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Of the cluster that was asked.</summary>
    public string Context { get; init; } = "";
}
