using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Makes the cluster's nodes.</summary>
internal static class Nodes
{
    public static void Add(Cluster cluster, string name, string architecture)
    {
        var now = Timestamps.Seconds(cluster.Now);
        var node = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["beta.kubernetes.io/arch"] = architecture,
                    ["beta.kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = architecture,
                    ["kubernetes.io/hostname"] = name,
                    ["kubernetes.io/os"] = "linux",
                },
            },
            ["spec"] = new JsonObject { ["podCIDR"] = "10.244.0.0/24" },
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject { ["address"] = "127.0.0.1", ["type"] = "InternalIP" },
                    new JsonObject { ["address"] = name, ["type"] = "Hostname" }),
                ["allocatable"] = Sizes(),
                ["capacity"] = Sizes(),
                ["nodeInfo"] = new JsonObject
                {
                    ["architecture"] = architecture,
                    ["bootID"] = "00000000-0000-0000-0000-000000000000",
                    ["containerRuntimeVersion"] = "containerd://1.7.0",
                    ["kernelVersion"] = "x",
                    ["kubeProxyVersion"] = cluster.Options.GitVersion,
                    ["kubeletVersion"] = cluster.Options.GitVersion,
                    ["machineID"] = "00000000-0000-0000-0000-000000000000",
                    ["operatingSystem"] = "linux",
                    ["osImage"] = "x",
                    ["systemUUID"] = "00000000-0000-0000-0000-000000000000",
                },
            },
        };
        node["kind"] = "Node";
        Conditions.Set(node, "MemoryPressure", "False", now, "KubeletHasSufficientMemory", "kubelet has sufficient memory available");
        Conditions.Set(node, "DiskPressure", "False", now, "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
        Conditions.Set(node, "PIDPressure", "False", now, "KubeletHasSufficientPID", "kubelet has sufficient PID available");
        Conditions.Set(node, "Ready", "True", now, "KubeletReady", "kubelet is posting ready status");
        cluster.Store.Put(ResourceType.Of("nodes"), node);
    }

    // Room for hundreds of pods: a test that wants none says so.
    private static JsonObject Sizes() => new() { ["cpu"] = "256", ["memory"] = "1Ti", ["ephemeral-storage"] = "1Ti", ["pods"] = "500" };
}
