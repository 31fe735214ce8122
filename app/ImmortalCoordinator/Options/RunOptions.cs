using Ambrosia.Coordinator.Storage.Leases;

namespace Ambrosia.Coordinator.Options;

internal enum DurabilityLevel
{
    /// <summary>Acknowledge after the device has the data: survives a power cut.</summary>
    Device,

    /// <summary>Acknowledge after the operating system has it: survives a killed process, not a dead machine.</summary>
    Os,
}

internal enum LockKind
{
    /// <summary>The kernel's lock on a file: for a disk of this machine.</summary>
    Flock,

    /// <summary>For a network share, where owners on several machines follow one another.</summary>
    Lease,
}

internal sealed record PeerAddress(string Name, string Host, int Port);

/// <summary>What <c>run</c> was told.</summary>
internal sealed record RunOptions
{
    public required string Instance { get; init; }

    public required string LogDirectory { get; init; }

    public required string ListenHost { get; init; }

    public required int ListenPort { get; init; }

    public IReadOnlyList<PeerAddress> Peers { get; init; } = [];

    /// <summary>The port on which the coordinator receives from the app.</summary>
    public required int ReceivePort { get; init; }

    /// <summary>The port on which the coordinator sends to the app.</summary>
    public required int SendPort { get; init; }

    /// <summary>Null: no health port.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Host on which the health port listens; <c>*</c> for all.</summary>
    public string HealthHost { get; init; } = "127.0.0.1";

    /// <summary>Bytes of log after which a checkpoint is taken.</summary>
    public long TriggerBytes { get; init; } = 256L << 20;

    public DurabilityLevel Durability { get; init; } = DurabilityLevel.Device;

    public LockKind Lock { get; init; } = LockKind.Flock;

    /// <summary>For how long a successor waits for a sign of the owner.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(LeaseTerms.DefaultSeconds);

    public int StateVersion { get; init; } = 1;

    /// <summary>How long a clean stop may take before it is given up.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Started by a supervisor that holds our standard input: SIGINT is ignored and end of input is a stop.</summary>
    public bool Supervised { get; init; }

    /// <summary>Memory for output that one peer has not acknowledged, in bytes; more goes to disk.</summary>
    public long OutputMemoryBytes { get; init; } = 32L << 20;

    /// <summary>The app's executable and arguments.</summary>
    public required IReadOnlyList<string> App { get; init; }

    /// <summary>What checkpoints and logs record as the app's name: its file name without extension.</summary>
    public string AppName => Path.GetFileNameWithoutExtension(
        Path.GetFileNameWithoutExtension(App[0]) == "dotnet" && App.Count > 1 ? App[1] : App[0]);
}
