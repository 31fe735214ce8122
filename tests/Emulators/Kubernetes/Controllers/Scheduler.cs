using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Admission;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Gives pods their nodes.</summary>
internal sealed class Scheduler(Cluster cluster)
{
    private static readonly ResourceType Pod = ResourceType.Of("pods");
    private static readonly ResourceType Claim = ResourceType.Of("persistentvolumeclaims");

    public void Reconcile(JsonObject pod, PodRuntime runtime, PodBehaviour behaviour)
    {
        var nodes = cluster.Store.List(ResourceType.Of("nodes"));
        var problem = behaviour is PodBehaviour.Unschedulable unschedulable ? unschedulable.Message : Volumes(pod, nodes.Count);
        var node = problem is null ? Choose(pod, nodes, out problem) : null;
        var now = Timestamps.Seconds(cluster.Now);
        if (node is null)
        {
            if (runtime.SchedulingProblem != problem)
                cluster.Events.Record(pod, "Warning", "FailedScheduling", problem!, "default-scheduler");
            runtime.SchedulingProblem = problem;
            cluster.Store.Update(Pod, pod, copy => Conditions.Set(copy, "PodScheduled", "False", now, "Unschedulable", problem));
            return;
        }

        var bound = cluster.Store.Update(Pod, pod, copy =>
        {
            copy.Ensure("spec")["nodeName"] = node;
            Conditions.Set(copy, "PodScheduled", "True", now);
        });
        cluster.Events.Record(bound!, "Normal", "Scheduled", $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {node}", "default-scheduler");
    }

    public static bool IsReady(JsonObject node) =>
        node.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");

    private string? Volumes(JsonObject pod, int nodes)
    {
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            if (volume.Text("persistentVolumeClaim", "claimName") is not { } name)
                continue;
            if (cluster.Store.Get(Claim, pod.Namespace(), name) is not { } claim)
                return $"0/{nodes} nodes are available: persistentvolumeclaim \"{name}\" not found. {Preemption(nodes)}";
            if (claim.IsTerminating())
                return $"0/{nodes} nodes are available: persistentvolumeclaim \"{name}\" is being deleted. {Preemption(nodes)}";
            if (claim.Text("status", "phase") != "Bound")
                return $"0/{nodes} nodes are available: pod has unbound immediate PersistentVolumeClaims. {Preemption(nodes)}";
        }

        return null;
    }

    private string? Choose(JsonObject pod, IReadOnlyList<JsonObject> nodes, out string? problem)
    {
        var reasons = new List<string>();
        foreach (var node in nodes)
        {
            if (Reason(pod, node) is { } reason)
            {
                reasons.Add(reason);
                continue;
            }

            problem = null;
            return node.Name();
        }

        var counted = reasons.GroupBy(reason => reason).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
        problem = nodes.Count == 0
            ? "no nodes available to schedule pods"
            : $"0/{nodes.Count} nodes are available: {string.Join(", ", counted)}. {Preemption(nodes.Count)}";
        return null;
    }

    private string? Reason(JsonObject pod, JsonObject node)
    {
        if (!IsReady(node))
            return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
        if (node.Flag("spec", "unschedulable"))
            return "node(s) were unschedulable";
        if (!Selector.Matches(new JsonObject { ["matchLabels"] = pod.At("spec", "nodeSelector")?.DeepClone() }, node.At("metadata", "labels")))
            return "node(s) didn't match Pod's node affinity/selector";
        foreach (var resource in new[] { "cpu", "memory" })
        {
            var used = cluster.Store.List(Pod)
                .Where(other => other.Text("spec", "nodeName") == node.Name() && other.Text("status", "phase") is not ("Succeeded" or "Failed"))
                .Sum(other => Resources.Sum((JsonObject)other["spec"]!, "requests", resource));
            if (used + Resources.Sum((JsonObject)pod["spec"]!, "requests", resource) > Resources.Value(node.At("status", "allocatable", resource)))
                return $"Insufficient {resource}";
        }

        return null;
    }

    private static string Preemption(int nodes) =>
        $"preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.";
}
