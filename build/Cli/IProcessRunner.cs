namespace Ambrosia.Build.Cli;

/// <summary>One child process: what to run, with what, and who hears its lines. Arguments are a list, never a string.</summary>
public sealed record ProcessRequest(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Fed to the child's standard input, which is then closed. Null: an empty standard input.</summary>
    public string? StandardInput { get; init; }

    /// <summary>Added to the inherited environment; a null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Where it has not ended by then, the user is told what is waited for: a server that never answers looks like a suite that hangs.</summary>
    public TimeSpan? ToldAfter { get; init; }

    /// <summary>Values that must appear nowhere; masked in everything this runner logs, throws or streams.</summary>
    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    public Action<string>? OnOutputLine { get; init; }

    public Action<string>? OnErrorLine { get; init; }

    /// <summary>True (the default): a non-zero exit throws a <see cref="Errors.BuildException"/> with the tool's own stderr.</summary>
    public bool ThrowOnFailure { get; init; } = true;
}

/// <param name="StandardOutput">The child's output as it was, secrets included: for the caller, never for a log.</param>
public sealed record ProcessResult(int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration);

/// <summary>A long-lived child whose standard input stays open until it is stopped or we die.</summary>
public interface IRunningProcess : IAsyncDisposable
{
    int Id { get; }

    /// <summary>Completes with the exit code (128 + signal where a signal ended it on Unix) when the child has ended and its output is read.</summary>
    Task<int> Exit { get; }

    /// <summary>SIGTERM (on Windows: end of standard input), then the whole tree killed after <paramref name="grace"/>.</summary>
    Task<int> StopAsync(TimeSpan grace);

    /// <summary>SIGKILL to the child and everything below it.</summary>
    void KillTree();
}

/// <summary>The one way in which the suite starts processes. Every child, and its tree, ends with the cancellation or with us.</summary>
public interface IProcessRunner
{
    Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation);

    IRunningProcess Start(ProcessRequest request);
}
