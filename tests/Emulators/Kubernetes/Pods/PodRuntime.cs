using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>A pod as its node knows it.</summary>
internal sealed class PodRuntime(JsonObject pod)
{
    public string Uid { get; } = pod.Uid();

    public IReadOnlyList<ContainerRuntime> Containers { get; } =
    [
        .. pod.Items("spec", "containers").Select(container => new ContainerRuntime(container.Text("name") ?? "", container.Text("image") ?? "")),
    ];

    /// <summary>How long its containers may take to end.</summary>
    public TimeSpan Grace { get; } = TimeSpan.FromSeconds(pod.Number("spec", "terminationGracePeriodSeconds") ?? 30);

    /// <summary>Where it runs; null before a node has seen it.</summary>
    public string? Node { get; set; }

    /// <summary>When a pod that is being deleted has ended; null while it is not.</summary>
    public DateTimeOffset? StopAt { get; set; }

    /// <summary>What the node saw when it looked at the pod last.</summary>
    public (long Pod, long Node, PodBehaviour Behaviour)? Seen { get; set; }

    /// <summary>When it is to look again although nothing has changed; null for never.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>Whether a test changed something about a container.</summary>
    public bool Touched { get; set; }

    public string? Address { get; set; }

    /// <summary>Why the pod was refused a node at last: each reason is told once.</summary>
    public string? SchedulingProblem { get; set; }

    public ContainerRuntime? Container(string? name) => name is null ? Containers[0] : Containers.FirstOrDefault(container => container.Name == name);

    /// <summary>Processes of it run.</summary>
    public bool IsAlive => Containers.Any(container => container.IsAlive);

    /// <summary>SIGTERM to what runs.</summary>
    public void Stop()
    {
        foreach (var container in Containers.Where(container => container.IsAlive))
            container.Log!.Stop();
    }

    public void End()
    {
        foreach (var container in Containers)
            container.Log?.End();
    }
}
