using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Writes Events about objects; a repeated one raises its count.</summary>
internal sealed class EventRecorder(ObjectStore store)
{
    private static readonly ResourceType Event = ResourceType.Of("events");

    private readonly Dictionary<(string Uid, string FieldPath, string Reason, string Message), string> _known = [];
    private long _serial = 0x18ea64afa8ccf4aa;

    /// <summary>Whether something was already told about an object.</summary>
    public bool Told(JsonObject about, string reason, string message, string? fieldPath = null) =>
        _known.ContainsKey((about.Uid(), fieldPath ?? "", reason, message));

    /// <param name="type">Normal or Warning.</param>
    /// <param name="source">The component: kubelet, statefulset-controller. The scheduler's events have other fields than the rest.</param>
    /// <param name="fieldPath">"spec.containers{web}"; null for the whole object.</param>
    public void Record(JsonObject about, string type, string reason, string message, string source, string? host = null, string? fieldPath = null)
    {
        var now = store.Clock.GetUtcNow();
        var @namespace = about.Namespace().Length > 0 ? about.Namespace() : "default";
        var key = (about.Uid(), fieldPath ?? "", reason, message);
        if (source != "default-scheduler" && _known.TryGetValue(key, out var name) && store.Get(Event, @namespace, name) is { } same)
        {
            store.Update(Event, same, again =>
            {
                again["count"] = (again.Number("count") ?? 1) + 1;
                again["lastTimestamp"] = Timestamps.Seconds(now);
            });
            return;
        }

        _known[key] = $"{about.Name()}.{(_serial += 0x1f3b5).ToString("x", CultureInfo.InvariantCulture)}";
        var involved = new JsonObject
        {
            ["kind"] = about.Text("kind"),
            ["namespace"] = about.Namespace().Length > 0 ? about.Namespace() : null,
            ["name"] = about.Name(),
            ["uid"] = about.Uid(),
            ["apiVersion"] = about.Text("apiVersion"),
            ["resourceVersion"] = about.Text("metadata", "resourceVersion"),
        };
        if (about.Namespace().Length == 0)
            involved.Remove("namespace");
        if (fieldPath is not null)
            involved["fieldPath"] = fieldPath;
        var item = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = _known[key],
                ["namespace"] = @namespace,
            },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
            ["type"] = type,
            ["reportingInstance"] = "",
        };
        if (source == "default-scheduler")
        {
            item["source"] = new JsonObject();
            item["firstTimestamp"] = null;
            item["lastTimestamp"] = null;
            item["eventTime"] = Timestamps.Micro(now);
            item["action"] = reason == "Scheduled" ? "Binding" : "Scheduling";
            item["reportingComponent"] = source;
            item["reportingInstance"] = "default-scheduler-emulator";
        }
        else
        {
            item["source"] = host is null ? new JsonObject { ["component"] = source } : new JsonObject { ["component"] = source, ["host"] = host };
            item["firstTimestamp"] = Timestamps.Seconds(now);
            item["lastTimestamp"] = Timestamps.Seconds(now);
            item["count"] = 1;
            item["eventTime"] = null;
            item["reportingComponent"] = source;
        }

        store.Put(Event, item);
    }
}
