using System.Text.Json.Nodes;

namespace Ambrosia.Build.Images;

/// <summary>What of a node decides whether an image gets there.</summary>
/// <param name="Runtime">As the kubelet tells it, such as <c>containerd://1.7.23</c> or <c>docker://27.4.0</c>.</param>
/// <param name="Platform">Such as <c>linux/amd64</c>.</param>
/// <param name="TakesPods">Ready, not cordoned, and without a taint that keeps our pods off: they tolerate none.</param>
public sealed record NodeState(string Name, string Runtime, string Platform, bool TakesPods)
{
    /// <param name="node">A node as kubectl prints it.</param>
    public static NodeState Of(JsonObject node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var info = node["status"]?["nodeInfo"];
        var isReady = (node["status"]?["conditions"] as JsonArray ?? []).Any(condition => (string?)condition?["type"] == "Ready" && (string?)condition["status"] == "True");
        var isKeptOff = (bool?)node["spec"]?["unschedulable"] == true
            || (node["spec"]?["taints"] as JsonArray ?? []).Any(taint => (string?)taint?["effect"] is "NoSchedule" or "NoExecute");
        return new NodeState(
            (string?)node["metadata"]?["name"] ?? "", (string?)info?["containerRuntimeVersion"] ?? "",
            $"{(string?)info?["operatingSystem"]}/{(string?)info?["architecture"]}", isReady && !isKeptOff);
    }
}
