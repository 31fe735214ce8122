using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>status.conditions</summary>
internal static class Conditions
{
    /// <summary>Sets a condition; the time of its last transition stays while its status does.</summary>
    public static void Set(JsonObject item, string type, string status, string now, string? reason = null, string? message = null)
    {
        var holder = item.Ensure("status");
        if (holder["conditions"] is not JsonArray conditions)
            holder["conditions"] = conditions = [];
        var before = conditions.FirstOrDefault(condition => condition.Text("type") == type);
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = before.Text("status") == status ? before.Text("lastTransitionTime") : now,
        };
        if (item.Text("kind") != "Pod")
            condition.Remove("lastProbeTime");
        if (reason is not null)
            condition["reason"] = reason;
        if (message is not null)
            condition["message"] = message;
        if (before is null)
            conditions.Add(condition);
        else
            conditions[conditions.IndexOf(before)] = condition;
    }

    public static bool IsTrue(JsonObject item, string type) =>
        item.Items("status", "conditions").Any(condition => condition.Text("type") == type && condition.Text("status") == "True");

    public static DateTimeOffset? Since(JsonObject item, string type) =>
        item.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type).Text("lastTransitionTime") is { } time
            ? DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)
            : null;
}
