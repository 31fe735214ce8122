using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Keeps a Deployment's pods through a ReplicaSet per template. Old pods go before new ones come (strategy Recreate), whatever the strategy.</summary>
internal sealed class DeploymentController(Cluster cluster)
{
    private static readonly ResourceType Deployment = ResourceType.Of("deployments");
    private static readonly ResourceType ReplicaSet = ResourceType.Of("replicasets");
    private static readonly ResourceType Pod = ResourceType.Of("pods");

    /// <returns>When the Deployment is to be looked at again; null for at its next change.</returns>
    public DateTimeOffset? Reconcile(JsonObject deployment)
    {
        if (deployment.IsTerminating())
            return null;
        var name = $"{deployment.Name()}-{StatefulSetController.Hash(deployment.At("spec", "template"))}";
        var replicas = (int)(deployment.Number("spec", "replicas") ?? 1);
        var all = cluster.Store.List(ReplicaSet, deployment.Namespace()).Where(set => set.Owner().Text("uid") == deployment.Uid()).ToList();
        var old = all.Where(set => set.Name() != name).SelectMany(PodsOf).ToList();
        foreach (var pod in old.Where(pod => !pod.IsTerminating()))
            cluster.Deletion.Delete(Pod, pod, "Background", null);
        foreach (var set in all.Where(set => set.Name() != name))
            cluster.Store.Update(ReplicaSet, set, copy => copy.Ensure("spec")["replicas"] = 0);
        var current = old.Count == 0 ? Current(deployment, name, replicas) : all.Find(set => set.Name() == name);
        if (current is not null && old.Count == 0)
            KeepPods(current, replicas);
        return WriteStatus(deployment, current, old.Count, replicas);
    }

    private JsonObject Current(JsonObject deployment, string name, int replicas)
    {
        var hash = name[(deployment.Name().Length + 1)..];
        if (cluster.Store.Get(ReplicaSet, deployment.Namespace(), name) is { } existing)
            return cluster.Store.Update(ReplicaSet, existing, copy => copy.Ensure("spec")["replicas"] = replicas)!;
        var template = ((JsonObject)deployment.At("spec", "template")!).Copy();
        template.Ensure("metadata", "labels")["pod-template-hash"] = hash;
        cluster.Events.Record(deployment, "Normal", "ScalingReplicaSet", $"Scaled up replica set {name} to {replicas}", "deployment-controller");
        return cluster.Store.Put(ReplicaSet, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["ownerReferences"] = new JsonArray(PodFactory.OwnerReference(deployment, Deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = deployment.At("spec", "selector")?.DeepClone(), ["template"] = template },
            ["status"] = new JsonObject { ["replicas"] = 0 },
        });
    }

    private void KeepPods(JsonObject set, int replicas)
    {
        var pods = PodsOf(set).Where(pod => !pod.IsTerminating()).ToList();
        foreach (var pod in pods.Skip(replicas))
            cluster.Deletion.Delete(Pod, pod, "Background", null);
        for (var count = pods.Count; count < replicas; count++)
        {
            var name = $"{set.Name()}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))[..5]}";
            var pod = PodFactory.Create(set, ReplicaSet, name, (JsonObject)set.At("spec", "template")!);
            pod.Ensure("metadata")["generateName"] = set.Name() + "-";
            var problem = cluster.Scenario.Of(set.Namespace(), name, set.Name()) is PodBehaviour.QuotaExceeded quota ? quota.Message : Quota.Problem(cluster.Store, pod);
            if (problem is not null)
            {
                if (!cluster.Store.List(ResourceType.Of("events"), set.Namespace()).Any(other => other.Text("involvedObject", "uid") == set.Uid() && other.Text("reason") == "FailedCreate"))
                    cluster.Events.Record(set, "Warning", "FailedCreate", $"Error creating: pods \"{name}\" is forbidden: {problem}", "replicaset-controller");
                return;
            }

            cluster.Defaults.Fill(Pod, pod);
            cluster.Store.Put(Pod, pod);
            cluster.Events.Record(set, "Normal", "SuccessfulCreate", $"Created pod: {name}", "replicaset-controller");
        }
    }

    private DateTimeOffset? WriteStatus(JsonObject deployment, JsonObject? current, int old, int replicas)
    {
        var pods = current is null ? [] : PodsOf(current).Where(pod => !pod.IsTerminating()).ToList();
        var ready = pods.Count(pod => Conditions.IsTrue(pod, "Ready"));
        var deadline = TimeSpan.FromSeconds(deployment.Number("spec", "progressDeadlineSeconds") ?? 600);
        var complete = ready == replicas && pods.Count == replicas && old == 0;
        DateTimeOffset? due = null;
        cluster.Store.Update(Deployment, deployment, copy =>
        {
            var now = Timestamps.Seconds(cluster.Now);
            var status = copy.Ensure("status");
            var observed = status.Number("observedGeneration") == copy.Number("metadata", "generation");
            status["observedGeneration"] = copy.Number("metadata", "generation");
            Count(status, "replicas", pods.Count + old);
            Count(status, "updatedReplicas", pods.Count);
            Count(status, "readyReplicas", ready);
            Count(status, "availableReplicas", ready);
            Count(status, "unavailableReplicas", replicas - ready);
            Conditions.Set(
                copy,
                "Available",
                ready >= replicas ? "True" : "False",
                now,
                ready >= replicas ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                ready >= replicas ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
            var expires = (current is null ? cluster.Now : DateTimeOffset.Parse(current.Text("metadata", "creationTimestamp")!, System.Globalization.CultureInfo.InvariantCulture)) + deadline;
            if (complete)
                Conditions.Set(copy, "Progressing", "True", now, "NewReplicaSetAvailable", $"ReplicaSet \"{current?.Name()}\" has successfully progressed.");
            else if (observed && cluster.Now > expires)
                Conditions.Set(copy, "Progressing", "False", now, "ProgressDeadlineExceeded", $"ReplicaSet \"{current?.Name()}\" has timed out progressing.");
            else
                Conditions.Set(copy, "Progressing", "True", now, "ReplicaSetUpdated", $"ReplicaSet \"{current?.Name()}\" is progressing.");
            due = complete || cluster.Now > expires ? null : expires + TimeSpan.FromMilliseconds(10);
        });
        if (current is not null)
        {
            cluster.Store.Update(ReplicaSet, current, copy =>
            {
                var status = copy.Ensure("status");
                status["replicas"] = pods.Count;
                status["observedGeneration"] = copy.Number("metadata", "generation");
                Count(status, "readyReplicas", ready);
                Count(status, "availableReplicas", ready);
            });
        }

        return due;
    }

    private List<JsonObject> PodsOf(JsonObject set) =>
        [.. cluster.Store.List(Pod, set.Namespace()).Where(pod => pod.Owner().Text("uid") == set.Uid())];

    private static void Count(JsonObject status, string name, int value)
    {
        if (value == 0)
            status.Remove(name);
        else
            status[name] = value;
    }
}
