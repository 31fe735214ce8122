using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Keeps a StatefulSet's pods: one of each ordinal at most, replaced one after the other when the template changes.</summary>
internal sealed class StatefulSetController(Cluster cluster)
{
    private static readonly ResourceType StatefulSet = ResourceType.Of("statefulsets");
    private static readonly ResourceType Pod = ResourceType.Of("pods");
    private static readonly ResourceType Claim = ResourceType.Of("persistentvolumeclaims");
    private static readonly ResourceType Revision = ResourceType.Of("controllerrevisions");

    private readonly Dictionary<string, string> _seen = [];

    /// <param name="podsByOwner">All pods by the uid of their controller; those without one under the empty string.</param>
    /// <returns>When the StatefulSet is to be looked at again; null for at its next change.</returns>
    public DateTimeOffset? Reconcile(JsonObject set, ILookup<string, JsonObject> podsByOwner)
    {
        if (set.IsTerminating())
            return null;
        var replicas = (int)(set.Number("spec", "replicas") ?? 1);
        var seen = string.Join(' ', podsByOwner[set.Uid()].Prepend(set).Select(item => item.Text("metadata", "resourceVersion")));

        // Nothing happened to this one and all its pods are there: with a hundred of them that is most of the work.
        if (podsByOwner[set.Uid()].Count() == replicas && _seen.GetValueOrDefault(set.Uid()) == seen && !podsByOwner[""].Any())
            return null;
        var update = UpdateRevision(set);
        var current = set.Text("status", "currentRevision") ?? update;
        var pods = Owned(set);
        KeepPods(set, pods, replicas, current, update);
        var due = WriteStatus(set, replicas, current, update);
        if (due is null)
            _seen[set.Uid()] = seen;
        return due;
    }

    /// <summary>A short hash of a pod template, as the server appends it to names.</summary>
    public static string Hash(JsonNode? template)
    {
        const string alphabet = "bcdfghjklmnpqrstvwxz2456789";
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(Sorted(template)?.ToJsonString() ?? ""));
        return string.Concat(bytes.Take(10).Select(value => alphabet[value % alphabet.Length]));
    }

    // The order in which an object's fields came says nothing: equal templates have equal hashes.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private SortedDictionary<int, JsonObject> Owned(JsonObject set)
    {
        var pods = new SortedDictionary<int, JsonObject>();
        foreach (var pod in cluster.Store.List(Pod, set.Namespace()))
        {
            if (!pod.Name().StartsWith(set.Name() + "-", StringComparison.Ordinal) || !int.TryParse(pod.Name().AsSpan(set.Name().Length + 1), out var ordinal))
                continue;
            if (pod.Owner().Text("uid") == set.Uid())
                pods[ordinal] = pod;
            else if (pod.Owner() is null && !pod.IsTerminating() && Selector.Matches(set.At("spec", "selector"), pod.At("metadata", "labels")))
                pods[ordinal] = Adopt(set, pod);
        }

        return pods;
    }

    // Pods that a deletion with --cascade=orphan left behind belong to the next StatefulSet of that name.
    private JsonObject Adopt(JsonObject set, JsonObject pod) => cluster.Store.Update(
        Pod, pod, copy => copy.Ensure("metadata")["ownerReferences"] = new JsonArray(PodFactory.OwnerReference(set, StatefulSet)))!;

    private void KeepPods(JsonObject set, SortedDictionary<int, JsonObject> pods, int replicas, string current, string update)
    {
        var parallel = set.Text("spec", "podManagementPolicy") == "Parallel";
        for (var ordinal = 0; ordinal < replicas; ordinal++)
        {
            if (!pods.TryGetValue(ordinal, out var pod))
            {
                // Which template a missing pod gets: the new one, unless the partition keeps it at the old one.
                var partition = set.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
                if (!Create(set, ordinal, ordinal >= partition ? update : current) || !parallel)
                    return;
                continue;
            }

            // Pods of the old template that are not ready hold up everything behind them: only deleting them helps (kubernetes/kubernetes#67250).
            if (!parallel && (pod.IsTerminating() || !Conditions.IsTrue(pod, "Ready")))
                return;
        }

        foreach (var (ordinal, pod) in pods.Reverse())
        {
            if (ordinal < replicas)
                continue;
            if (!pod.IsTerminating())
            {
                cluster.Deletion.Delete(Pod, pod, "Background", null);
                cluster.Events.Record(set, "Normal", "SuccessfulDelete", $"delete Pod {pod.Name()} in StatefulSet {set.Name()} successful", "statefulset-controller");
            }

            if (!parallel)
                return;
        }

        Roll(set, pods, replicas, update);
    }

    private void Roll(JsonObject set, SortedDictionary<int, JsonObject> pods, int replicas, string update)
    {
        if (set.Text("spec", "updateStrategy", "type") == "OnDelete")
            return;
        var partition = set.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
        for (var ordinal = replicas - 1; ordinal >= partition; ordinal--)
        {
            if (!pods.TryGetValue(ordinal, out var pod))
                return;
            if (RevisionOf(pod) != update && !pod.IsTerminating())
            {
                cluster.Deletion.Delete(Pod, pod, "Background", null);
                cluster.Events.Record(set, "Normal", "SuccessfulDelete", $"delete Pod {pod.Name()} in StatefulSet {set.Name()} successful", "statefulset-controller");
                return;
            }

            if (pod.IsTerminating() || !Conditions.IsTrue(pod, "Ready"))
                return;
        }
    }

    private bool Create(JsonObject set, int ordinal, string revision)
    {
        var name = $"{set.Name()}-{ordinal.ToString(CultureInfo.InvariantCulture)}";
        if (cluster.Store.Get(ResourceType.Of("namespaces"), "", set.Namespace())?.IsTerminating() != false)
            return false;
        var template = cluster.Store.Get(Revision, set.Namespace(), revision).At("data", "spec", "template") as JsonObject ?? (JsonObject)set.At("spec", "template")!;
        var pod = PodFactory.Create(set, StatefulSet, name, template);
        var labels = pod.Ensure("metadata", "labels");
        labels["controller-revision-hash"] = revision;
        labels["statefulset.kubernetes.io/pod-name"] = name;
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
        pod.Ensure("spec")["hostname"] = name;
        if (set.Text("spec", "serviceName") is { Length: > 0 } service)
            pod.Ensure("spec")["subdomain"] = service;
        if (!Claims(set, pod, ordinal))
            return false;
        var problem = cluster.Scenario.Of(set.Namespace(), name, set.Name()) is PodBehaviour.QuotaExceeded quota
            ? quota.Message
            : Quota.Problem(cluster.Store, pod);
        if (problem is not null)
        {
            Refuse(set, $"create Pod {name} in StatefulSet {set.Name()} failed error: pods \"{name}\" is forbidden: {problem}");
            return false;
        }

        cluster.Defaults.Fill(Pod, pod);
        cluster.Store.Put(Pod, pod);
        cluster.Events.Record(set, "Normal", "SuccessfulCreate", $"create Pod {name} in StatefulSet {set.Name()} successful", "statefulset-controller");
        return true;
    }

    private bool Claims(JsonObject set, JsonObject pod, int ordinal)
    {
        foreach (var template in set.Items("spec", "volumeClaimTemplates").OfType<JsonObject>())
        {
            var volume = template.Name();
            var name = $"{volume}-{set.Name()}-{ordinal.ToString(CultureInfo.InvariantCulture)}";
            var volumes = pod.Items("spec", "volumes").Where(item => item.Text("name") != volume).Select(item => item!.DeepClone()).ToList();
            volumes.Add(new JsonObject { ["name"] = volume, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = name } });
            pod.Ensure("spec")["volumes"] = new JsonArray([.. volumes]);
            if (cluster.Store.Get(Claim, set.Namespace(), name) is { } existing)
            {
                // The controller waits for a claim that is being deleted.
                if (existing.IsTerminating())
                {
                    Refuse(set, $"pvc {name} is being deleted");
                    return false;
                }

                continue;
            }

            var claim = new JsonObject { ["metadata"] = template["metadata"]!.DeepClone(), ["spec"] = template["spec"]!.DeepClone() };
            var metadata = claim.Ensure("metadata");
            metadata.Remove("creationTimestamp");
            metadata["name"] = name;
            metadata["namespace"] = set.Namespace();
            foreach (var (key, value) in set.At("spec", "selector", "matchLabels") as JsonObject ?? [])
                metadata.Ensure("labels")[key] = value?.DeepClone();
            if (set.Text("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete")
                metadata["ownerReferences"] = new JsonArray(PodFactory.OwnerReference(set, StatefulSet, controller: false));
            cluster.Defaults.Fill(Claim, claim);
            VolumeController.AssignDefaultClass(cluster.Store, claim);
            cluster.Store.Put(Claim, claim);
            cluster.Events.Record(
                set, "Normal", "SuccessfulCreate", $"create Claim {name} Pod {pod.Name()} in StatefulSet {set.Name()} success", "statefulset-controller");
        }

        return true;
    }

    private void Refuse(JsonObject set, string message)
    {
        // The real controller tries again with growing pauses; here the refusal is told once and tried at each change.
        if (!cluster.Events.Told(set, "FailedCreate", message))
            cluster.Events.Record(set, "Warning", "FailedCreate", message, "statefulset-controller");
    }

    private string UpdateRevision(JsonObject set)
    {
        var template = (JsonObject)set.At("spec", "template")!;
        var name = $"{set.Name()}-{Hash(template)}";
        if (cluster.Store.Get(Revision, set.Namespace(), name) is null)
        {
            var number = cluster.Store.List(Revision, set.Namespace()).Where(other => other.Owner().Text("uid") == set.Uid())
                .Select(other => other.Number("revision") ?? 0).DefaultIfEmpty().Max() + 1;
            cluster.Store.Put(Revision, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = set.Namespace(),
                    ["labels"] = template.At("metadata", "labels")?.DeepClone(),
                    ["ownerReferences"] = new JsonArray(PodFactory.OwnerReference(set, StatefulSet)),
                },
                ["data"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = template.DeepClone() } },
                ["revision"] = number,
            });
        }

        return name;
    }

    private DateTimeOffset? WriteStatus(JsonObject set, int replicas, string current, string update)
    {
        var pods = Owned(set).Values.ToList();
        var ready = pods.Where(pod => !pod.IsTerminating() && Conditions.IsTrue(pod, "Ready")).ToList();
        var wait = TimeSpan.FromSeconds(set.Number("spec", "minReadySeconds") ?? 0);
        var available = ready.Count(pod => wait == TimeSpan.Zero || Conditions.Since(pod, "Ready") + wait <= cluster.Now);
        var updated = pods.Count(pod => !pod.IsTerminating() && RevisionOf(pod) == update);
        var atCurrent = pods.Count(pod => !pod.IsTerminating() && RevisionOf(pod) == current);
        if (updated == replicas && ready.Count == replicas && pods.Count == replicas)
            (current, atCurrent) = (update, updated);
        cluster.Store.Update(StatefulSet, set, copy =>
        {
            var status = copy.Ensure("status");
            status["observedGeneration"] = copy.Number("metadata", "generation");
            status["replicas"] = pods.Count;
            status["availableReplicas"] = available;
            Count(status, "readyReplicas", ready.Count);
            Count(status, "currentReplicas", atCurrent);
            Count(status, "updatedReplicas", updated);
            status["currentRevision"] = current;
            status["updateRevision"] = update;
            status["collisionCount"] = 0;
        });
        return available < ready.Count ? cluster.Now + TimeSpan.FromMilliseconds(200) : null;
    }

    // The API leaves out counts that are zero.
    private static void Count(JsonObject status, string name, int value)
    {
        if (value == 0)
            status.Remove(name);
        else
            status[name] = value;
    }

    private static string? RevisionOf(JsonObject pod) => pod.Text("metadata", "labels", "controller-revision-hash");
}
