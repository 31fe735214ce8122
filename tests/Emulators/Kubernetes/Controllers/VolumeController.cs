using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Admission;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Binds claims to volumes, provisions volumes of a storage class, and lets both go when nothing uses them.</summary>
internal sealed class VolumeController(Cluster cluster)
{
    private static readonly ResourceType Volume = ResourceType.Of("persistentvolumes");
    private static readonly ResourceType Claim = ResourceType.Of("persistentvolumeclaims");
    private static readonly ResourceType Class = ResourceType.Of("storageclasses");

    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>When volumes that nobody claims any more will have been deleted, by their uids.</summary>
    private readonly Dictionary<string, DateTimeOffset> _deleted = new(StringComparer.Ordinal);

    /// <summary>A claim that names no class gets the cluster's default class, if there is one.</summary>
    public static void AssignDefaultClass(ObjectStore store, JsonObject claim)
    {
        if (claim.At("spec", "storageClassName") is not null)
            return;
        if (store.List(Class).FirstOrDefault(item => item.Text("metadata", "annotations", DefaultClass) == "true") is { } standard)
            claim.Ensure("spec")["storageClassName"] = standard.Name();
    }

    /// <returns>When to look again; null when there is nothing to wait for.</returns>
    public DateTimeOffset? Reconcile()
    {
        foreach (var claim in cluster.Store.List(Claim))
        {
            if (claim.IsTerminating())
                Release(claim);
            else if (claim.Text("status", "phase") != "Bound")
                Bind(claim);
        }

        var volumes = cluster.Store.List(Volume).ToList();
        foreach (var gone in _deleted.Keys.Except(volumes.Select(volume => volume.Uid())).ToList())
            _deleted.Remove(gone); // somebody else has deleted it
        volumes.ForEach(Keep);
        return _deleted.Count == 0 ? null : _deleted.Values.Min();
    }

    private void Bind(JsonObject claim)
    {
        var volume = claim.Text("spec", "volumeName") is { Length: > 0 } name
            ? cluster.Store.Get(Volume, "", name)
            : cluster.Store.List(Volume).FirstOrDefault(item => Fits(item, claim));
        if (volume is null && claim.At("spec", "volumeName") is null)
            volume = Provision(claim);
        if (volume is null || !MayBind(volume, claim))
            return;
        cluster.Store.Update(Volume, volume, copy =>
        {
            copy.Ensure("spec")["claimRef"] = Reference(claim);
            copy.Ensure("status")["phase"] = "Bound";
        });
        cluster.Store.Update(Claim, claim, copy =>
        {
            copy.Ensure("metadata", "annotations")["pv.kubernetes.io/bind-completed"] = "yes";
            copy.Ensure("spec")["volumeName"] = volume.Name();
            var status = copy.Ensure("status");
            status["phase"] = "Bound";
            status["accessModes"] = volume.At("spec", "accessModes")?.DeepClone();
            status["capacity"] = volume.At("spec", "capacity")?.DeepClone();
        });
    }

    private static bool MayBind(JsonObject volume, JsonObject claim)
    {
        if (volume.IsTerminating() || (volume.Text("spec", "storageClassName") ?? "") != (claim.Text("spec", "storageClassName") ?? ""))
            return false;
        var reference = volume.At("spec", "claimRef");

        // A volume that was another claim's, even one of the same name, stays that one's until the reference is taken away.
        return reference is null
            || (reference.Text("name") == claim.Name() && reference.Text("namespace") == claim.Namespace()
                && (reference.Text("uid") is null || reference.Text("uid") == claim.Uid()));
    }

    private static bool Fits(JsonObject volume, JsonObject claim) =>
        MayBind(volume, claim)
        && (volume.At("spec", "claimRef") is not null || volume.Text("status", "phase") is "Available" or "Pending")
        && Resources.Value(volume.At("spec", "capacity", "storage")) >= Resources.Value(claim.At("spec", "resources", "requests", "storage"))
        && claim.Items("spec", "accessModes").All(mode => volume.Items("spec", "accessModes").Any(other => other?.ToString() == mode?.ToString()));

    private JsonObject? Provision(JsonObject claim)
    {
        var name = claim.Text("spec", "storageClassName") ?? "";
        if (name.Length == 0)
        {
            TellOnce(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
            return null;
        }

        if (cluster.Store.Get(Class, "", name) is not { } storage)
        {
            TellOnce(claim, "Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{name}\" not found");
            return null;
        }

        if (storage.Text("provisioner") == "kubernetes.io/no-provisioner")
        {
            TellOnce(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
            return null;
        }

        var volume = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"pvc-{claim.Uid()}",
                ["annotations"] = new JsonObject { ["pv.kubernetes.io/provisioned-by"] = storage.Text("provisioner") },
            },
            ["spec"] = new JsonObject
            {
                ["accessModes"] = claim.At("spec", "accessModes")?.DeepClone(),
                ["capacity"] = new JsonObject { ["storage"] = claim.At("spec", "resources", "requests", "storage")?.DeepClone() },
                ["claimRef"] = Reference(claim),
                ["csi"] = new JsonObject { ["driver"] = storage.Text("provisioner"), ["volumeHandle"] = claim.Uid() },
                ["persistentVolumeReclaimPolicy"] = storage.Text("reclaimPolicy") ?? "Delete",
                ["storageClassName"] = name,
            },
        };
        cluster.Defaults.Fill(Volume, volume);
        TellOnce(claim, "Normal", "ProvisioningSucceeded", $"Successfully provisioned volume pvc-{claim.Uid()}");
        return cluster.Store.Put(Volume, volume);
    }

    private void Release(JsonObject claim)
    {
        var used = cluster.Store.List(ResourceType.Of("pods"), claim.Namespace()).Any(pod => pod.Text("status", "phase") is not ("Succeeded" or "Failed")
            && pod.Items("spec", "volumes").Any(volume => volume.Text("persistentVolumeClaim", "claimName") == claim.Name()));
        if (!used)
            cluster.Deletion.RemoveFinalizer(Claim, claim, "kubernetes.io/pvc-protection");
    }

    private void Keep(JsonObject volume)
    {
        var reference = volume.At("spec", "claimRef");
        var bound = reference.Text("uid") is { } uid && cluster.Store.Get(Claim, reference.Text("namespace") ?? "", reference.Text("name") ?? "")?.Uid() == uid;
        if (volume.IsTerminating() && !bound)
        {
            cluster.Deletion.RemoveFinalizer(Volume, volume, "kubernetes.io/pv-protection");
            return;
        }

        var phase = bound ? "Bound" : reference.Text("uid") is not null ? "Released" : "Available";
        if (phase == "Released" && volume.Text("spec", "persistentVolumeReclaimPolicy") == "Delete")
        {
            _deleted.TryAdd(volume.Uid(), cluster.Now + cluster.Options.VolumeDeletion);
            if (cluster.Now >= _deleted[volume.Uid()])
            {
                _deleted.Remove(volume.Uid());
                cluster.Store.Remove(Volume, "", volume.Name());
                return;
            }
        }

        if (volume.Text("status", "phase") != phase)
            cluster.Store.Update(Volume, volume, copy => copy.Ensure("status")["phase"] = phase);
    }

    private void TellOnce(JsonObject claim, string type, string reason, string message)
    {
        if (!cluster.Events.Told(claim, reason, message))
            cluster.Events.Record(claim, type, reason, message, "persistentvolume-controller");
    }

    private static JsonObject Reference(JsonObject claim) => new()
    {
        ["kind"] = "PersistentVolumeClaim",
        ["namespace"] = claim.Namespace(),
        ["name"] = claim.Name(),
        ["uid"] = claim.Uid(),
        ["apiVersion"] = "v1",
        ["resourceVersion"] = claim.Text("metadata", "resourceVersion"),
    };
}
