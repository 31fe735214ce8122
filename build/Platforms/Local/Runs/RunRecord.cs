namespace Ambrosia.Build.Platforms.Local.Runs;

public enum RunState
{
    Running,
    Done,
    Failed,
    Stopped,
}

/// <summary>What <c>run.json</c> holds: enough to see, from another process, what a run is doing and what belongs to it.</summary>
public sealed record RunRecord
{
    public required string Id { get; init; }

    /// <summary>The target that made it: Deploy, Immortality, Benchmark.</summary>
    public required string Target { get; init; }

    public required RunState State { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>The suite's own process.</summary>
    public required ProcessIdentity Suite { get; init; }

    public required IReadOnlyList<InstanceRecord> Instances { get; init; }

    public required long ExpectedBytes { get; init; }

    public long ReceivedBytes { get; init; }

    public long? OutOfOrder { get; init; }

    /// <summary>Why it failed, or what it ended with.</summary>
    public string? Outcome { get; init; }
}

public sealed record InstanceRecord
{
    public required string Name { get; init; }

    public required InstancePorts Ports { get; init; }

    /// <summary>Null while it is not running.</summary>
    public ProcessIdentity? Coordinator { get; init; }

    public ProcessIdentity? App { get; init; }

    public int Restarts { get; init; }

    public bool Ready { get; init; }
}

/// <summary>TCP ports on 127.0.0.1, chosen by the kernel.</summary>
public sealed record InstancePorts(int Coordinator, int Receive, int Send, int Health);
