using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Deletes objects: at once, after their grace period, or when their finalizers are gone.</summary>
internal sealed class Deletion(ObjectStore store)
{
    private const string ForegroundFinalizer = "foregroundDeletion";

    /// <summary>Begins to delete an object.</summary>
    /// <param name="propagation">Background, Foreground or Orphan.</param>
    /// <param name="grace">Seconds; null for the object's own.</param>
    /// <returns>The object as it is now, and whether it is gone.</returns>
    public (JsonObject Item, bool Gone) Delete(ResourceType type, JsonObject item, string propagation, long? grace)
    {
        lock (store.Gate)
        {
            if (propagation == "Orphan")
                Orphan(item);
            var seconds = Grace(type, item, grace);
            var foreground = propagation == "Foreground" && type.HasScale;
            var waits = seconds > 0 || foreground || type.Kind == "Namespace" || item.Items("metadata", "finalizers").Any();
            if (!waits)
                return (store.Remove(type, item.Namespace(), item.Name()) ?? item, true);
            if (item.IsTerminating() && (type.Kind != "Pod" || seconds >= (item.Number("metadata", "deletionGracePeriodSeconds") ?? 0)))
                return (item, false);
            var marked = store.Update(type, item, copy =>
            {
                var metadata = copy.Ensure("metadata");
                metadata["deletionTimestamp"] = Timestamps.Seconds(store.Clock.GetUtcNow().AddSeconds(seconds));
                metadata["deletionGracePeriodSeconds"] = type.Kind == "Namespace" ? null : seconds;
                if (metadata["deletionGracePeriodSeconds"] is null)
                    metadata.Remove("deletionGracePeriodSeconds");
                if (foreground)
                    metadata["finalizers"] = new JsonArray([.. copy.Items("metadata", "finalizers").Select(name => name?.DeepClone()), ForegroundFinalizer]);
                if (type.Kind == "Namespace")
                    copy.Ensure("status")["phase"] = "Terminating";
            });
            return (marked ?? item, false);
        }
    }

    /// <summary>Removes an object that is being deleted and that nothing holds any more.</summary>
    public bool Finish(ResourceType type, JsonObject item)
    {
        lock (store.Gate)
        {
            if (!item.IsTerminating() || type.Kind is "Pod" or "Namespace" || item.Items("metadata", "finalizers").Any())
                return false;
            return store.Remove(type, item.Namespace(), item.Name()) is not null;
        }
    }

    /// <summary>Takes a finalizer from an object, which may end it.</summary>
    public void RemoveFinalizer(ResourceType type, JsonObject item, string finalizer)
    {
        var changed = store.Update(type, item, copy =>
        {
            var left = copy.Items("metadata", "finalizers").Where(name => name?.ToString() != finalizer).Select(name => name!.DeepClone()).ToArray();
            if (left.Length > 0)
                copy.Ensure("metadata")["finalizers"] = new JsonArray(left);
            else
                copy.Ensure("metadata").Remove("finalizers");
        });
        if (changed is not null)
            Finish(type, changed);
    }

    /// <summary>Objects that another one owns.</summary>
    public IReadOnlyList<(ResourceType Type, JsonObject Item)> Dependents(string uid) =>
    [
        .. ResourceType.All.SelectMany(type => store.List(type).Select(item => (type, item)))
            .Where(entry => entry.item.Items("metadata", "ownerReferences").Any(owner => owner.Text("uid") == uid)),
    ];

    private static long Grace(ResourceType type, JsonObject item, long? grace)
    {
        if (type.Kind != "Pod")
            return 0;
        // A pod that no node has runs nowhere: there is nothing to wait for.
        if (item.Text("spec", "nodeName") is null || item.Text("status", "phase") is "Succeeded" or "Failed")
            return 0;
        return grace ?? item.Number("spec", "terminationGracePeriodSeconds") ?? 30;
    }

    private void Orphan(JsonObject item)
    {
        foreach (var (type, dependent) in Dependents(item.Uid()))
        {
            store.Update(type, dependent, copy =>
            {
                var left = copy.Items("metadata", "ownerReferences").Where(owner => owner.Text("uid") != item.Uid()).Select(owner => owner!.DeepClone()).ToArray();
                if (left.Length > 0)
                    copy.Ensure("metadata")["ownerReferences"] = new JsonArray(left);
                else
                    copy.Ensure("metadata").Remove("ownerReferences");
            });
        }
    }
}
