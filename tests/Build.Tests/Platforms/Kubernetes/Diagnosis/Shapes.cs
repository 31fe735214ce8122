using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

/// <summary>What a cluster shows, as short as it can be said: the fields that API servers really send, in the shapes in which they do.</summary>
internal static class Shapes
{
    public const string Instance = "generated-perftestclient";

    public const string Pod = "generated-perftestclient-0";

    public const string Claim = "generated-perftestclient-logs";

    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    /// <summary>A StatefulSet whose new template has not become ready. Fields that are zero are left out.</summary>
    public static string WaitingSet { get; } = StatefulSet("""{"observedGeneration":2,"replicas":1,"updatedReplicas":1,"currentRevision":"r1","updateRevision":"r2"}""");

    public static string StatefulSet(string status, int generation = 2) =>
        $$"""{"kind":"StatefulSet","metadata":{"name":"{{Instance}}","uid":"{{Uid(Instance)}}","generation":{{generation}}},"spec":{"replicas":1},"status":{{status}}}""";

    public static string PodOf(string status, string metadata = "", string revision = "r2") => $$$"""
        {"kind":"Pod","metadata":{"name":"{{{Pod}}}","uid":"{{{Uid(Pod)}}}","labels":{"controller-revision-hash":"{{{revision}}}"},
        "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"{{{Instance}}}","uid":"u"}]{{{metadata}}}},
        "spec":{"nodeName":"node1","volumes":[{"name":"logs","persistentVolumeClaim":{"claimName":"{{{Claim}}}"}}],"containers":[{"name":"ambrosia","image":"reg/app:1"}]},
        "status":{{{status}}}}
        """;

    /// <summary>A scheduled pod with one container in some state.</summary>
    public static string PodWith(string phase, string container, string metadata = "", string revision = "r2") => PodOf(
        $$$"""
        {"phase":"{{{phase}}}","startTime":"2026-03-04T05:00:00Z","conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":"False","reason":"ContainersNotReady"}],
        "containerStatuses":[{"name":"ambrosia","image":"reg/app:1","imageID":"","ready":false,"restartCount":0,{{{container}}}}]}
        """,
        metadata,
        revision);

    public static string Waiting(string reason, string? message = null) => message is null
        ? $$$""" "state":{"waiting":{"reason":"{{{reason}}}"}} """
        : $$$""" "state":{"waiting":{"reason":"{{{reason}}}","message":{{{Text(message)}}}}} """;

    /// <summary>Between two lives: the back-off, and what the last life ended with.</summary>
    public static string BackOff(int exitCode, string reason, string? message = null) => $$$"""
        "restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 20s restarting failed container=ambrosia pod={{{Pod}}}_ns(uid)"}},
        "lastState":{"terminated":{"exitCode":{{{exitCode}}},"reason":"{{{reason}}}","message":{{{Text(message ?? "")}}},"startedAt":"2026-03-04T05:05:00Z","finishedAt":"2026-03-04T05:05:01Z"}}
        """;

    public static string Unscheduled(string message) => PodOf(
        $$$"""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":{{{Text(message)}}}}]}""");

    public static string PendingClaim(string storageClass) =>
        $$$"""{"kind":"PersistentVolumeClaim","metadata":{"name":"{{{Claim}}}","uid":"{{{Uid(Claim)}}}"},"spec":{"storageClassName":"{{{storageClass}}}"},"status":{"phase":"Pending"}}""";

    public static string Node(string ready) =>
        $$$"""{"kind":"Node","metadata":{"name":"node1"},"status":{"conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"{{{ready}}}"}]}}""";

    /// <summary>As kubelets and controllers send it.</summary>
    public static string Event(string kind, string name, string reason, string message, string type = "Warning", string last = "2026-03-04T05:06:00Z", string? uid = null) => $$$"""
        {"kind":"Event","metadata":{"name":"e"},"involvedObject":{"kind":"{{{kind}}}","name":"{{{name}}}","uid":"{{{uid ?? Uid(name)}}}"},"type":"{{{type}}}","reason":"{{{reason}}}",
        "message":{{{Text(message)}}},"count":3,"firstTimestamp":"2026-03-04T05:05:00Z","lastTimestamp":"{{{last}}}"}
        """;

    public static RolloutSnapshot Snapshot(IEnumerable<string> objects, IEnumerable<string> events, params string[] lastLines) => new(
        new ClusterAccess("/k", "kind-kind", "ns"),
        ClusterObjects.Parse(List(objects)), ClusterObjects.Parse(List(events)), new Dictionary<string, IReadOnlyList<string>> { [Pod] = lastLines }, Now, Now);

    /// <summary>Of an object that exists now.</summary>
    public static string Uid(string name) => "uid-of-" + name;

    private static string List(IEnumerable<string> items) => $$$"""{"kind":"List","apiVersion":"v1","items":[{{{string.Join(',', items)}}}]}""";

    private static string Text(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
