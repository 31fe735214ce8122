using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Writes Events about objects; a repeated one raises its count.</summary>
internal sealed class EventRecorder(ObjectStore store)
{
    private static readonly ResourceType Event = ResourceType.Of("events");

    private long _serial = 0x18ea64afa8ccf4aa;

    /// <param name="type">Normal or Warning.</param>
    /// <param name="source">The component: kubelet, statefulset-controller. The scheduler's events have other fields than the rest.</param>
    /// <param name="fieldPath">"spec.containers{web}"; null for the whole object.</param>
    public void Record(JsonObject about, string type, string reason, string message, string source, string? host = null, string? fieldPath = null)
    {
        var now = store.Clock.GetUtcNow();
        var @namespace = about.Namespace().Length > 0 ? about.Namespace() : "default";
        var same = store.List(Event, @namespace).FirstOrDefault(other =>
            other.Text("involvedObject", "uid") == about.Uid()
            && other.Text("involvedObject", "fieldPath") == fieldPath
            && other.Text("reason") == reason
            && other.Text("message") == message
            && other.At("count") is not null);
        if (same is not null)
        {
            store.Update(Event, same, again =>
            {
                again["count"] = (again.Number("count") ?? 1) + 1;
                again["lastTimestamp"] = Timestamps.Seconds(now);
            });
            return;
        }

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
                ["name"] = $"{about.Name()}.{(_serial += 0x1f3b5).ToString("x", CultureInfo.InvariantCulture)}",
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
