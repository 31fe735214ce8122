using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>A container of a pod as its node knows it.</summary>
internal sealed class ContainerRuntime(string name, string image)
{
    public string Name => name;

    public string Image => image;

    public ContainerState State { get; set; }

    public string WaitingReason { get; set; } = "ContainerCreating";

    public string? WaitingMessage { get; set; }

    /// <summary>When the next step is taken; null before the first one is planned.</summary>
    public DateTimeOffset? Next { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public string ContainerId { get; set; } = "";

    /// <summary>Of the life that runs, or that ran last; null before the first.</summary>
    public ContainerLog? Log { get; set; }

    public ContainerLog? PreviousLog { get; set; }

    public int Restarts { get; set; }

    /// <summary>The state in which the life before ended.</summary>
    public JsonObject? LastTermination { get; set; }

    /// <summary>Processes of it run.</summary>
    public bool IsAlive => State == ContainerState.Running && Log is { Life.IsCancellationRequested: false };

    /// <summary>Its startup probe has passed.</summary>
    public bool Started { get; set; }

    public bool Ready { get; set; }

    /// <summary>Set by a test: the readiness probe fails from now on.</summary>
    public bool HeldUnready { get; set; }

    /// <summary>Set by a test, or by the container itself: how the running life is to end.</summary>
    public (int ExitCode, string Reason)? Ending { get; set; }

    /// <summary>The log that <c>kubectl logs --previous</c> shows.</summary>
    public ContainerLog? LogBefore => State == ContainerState.Running ? PreviousLog : Log;
}
