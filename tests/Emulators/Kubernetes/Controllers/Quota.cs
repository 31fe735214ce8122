using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Admission;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>What ResourceQuotas of a namespace say to a new pod.</summary>
internal static class Quota
{
    /// <returns>Why the pod may not be made; null when it may.</returns>
    public static string? Problem(ObjectStore store, JsonObject pod)
    {
        var pods = store.List(ResourceType.Of("pods"), pod.Namespace());
        foreach (var quota in store.List(ResourceType.Of("resourcequotas"), pod.Namespace()))
        {
            if (Missing(pod, quota) is { } missing)
                return $"failed quota: {quota.Name()}: must specify {missing}";
            foreach (var (name, limit) in quota.At("spec", "hard") as JsonObject ?? [])
            {
                var used = pods.Sum(other => Use(other, name));
                var asked = Use(pod, name);
                if (used + asked > Resources.Value(limit))
                    return $"exceeded quota: {quota.Name()}, requested: {name}={Text(pod, name, asked)}, used: {name}={used.ToString("0.###", CultureInfo.InvariantCulture)}, limited: {name}={limit}";
            }
        }

        return null;
    }

    /// <summary>What a quota counts has to be named by every container: "limits.cpu for: web; limits.memory for: web".</summary>
    private static string? Missing(JsonObject pod, JsonObject quota)
    {
        var counted = (quota.At("spec", "hard") as JsonObject ?? []).Select(pair => pair.Key).Where(name => name.Split('.') is ["requests" or "limits", "cpu" or "memory"]);
        List<string> missing = [];
        foreach (var name in counted.Order(StringComparer.Ordinal))
        {
            var parts = name.Split('.');
            var containers = pod.Items("spec", "containers").Where(container => container.At("resources", parts[0], parts[1]) is null).Select(container => container.Text("name")).ToList();
            if (containers.Count > 0)
                missing.Add($"{name} for: {string.Join(',', containers)}");
        }

        return missing.Count > 0 ? string.Join("; ", missing) : null;
    }

    private static decimal Use(JsonObject pod, string name) => name.Split('.', 2) switch
    {
        ["pods"] or ["count/pods"] => 1,
        ["cpu" or "memory"] => Resources.Sum((JsonObject)pod["spec"]!, "requests", name),
        ["requests" or "limits", var resource] => Resources.Sum((JsonObject)pod["spec"]!, name.Split('.')[0], resource),
        _ => 0,
    };

    private static string Text(JsonObject pod, string name, decimal value)
    {
        var parts = name.Split('.', 2);
        var containers = pod.Items("spec", "containers").ToList();
        return parts.Length == 2 && containers.Count == 1 && containers[0].At("resources", parts[0], parts[1]) is { } quantity
            ? quantity.ToString()
            : value.ToString("0.###", CultureInfo.InvariantCulture);
    }
}
