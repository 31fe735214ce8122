using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Deletes what lost its owner, what is in a namespace that is being deleted, and then what waited for that.</summary>
internal sealed class GarbageCollector(Cluster cluster)
{
    private static readonly ResourceType Namespace = ResourceType.Of("namespaces");

    public void Reconcile()
    {
        var all = ResourceType.All.SelectMany(type => cluster.Store.List(type).Select(item => (Type: type, Item: item))).ToList();
        var living = all.Select(entry => entry.Item.Uid()).ToHashSet(StringComparer.Ordinal);
        foreach (var (type, item) in all)
        {
            var owners = item.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid") ?? "").ToList();
            if (owners.Count > 0 && !owners.Exists(living.Contains) && !item.IsTerminating())
                cluster.Deletion.Delete(type, item, "Background", null);
        }

        Foreground(all);
        foreach (var item in cluster.Store.List(Namespace).Where(item => item.IsTerminating()))
            Empty(item);
    }

    private void Foreground(List<(ResourceType Type, JsonObject Item)> all)
    {
        foreach (var (type, item) in all)
        {
            if (!item.IsTerminating() || !item.Items("metadata", "finalizers").Any(name => name?.ToString() == "foregroundDeletion"))
                continue;
            var dependents = cluster.Deletion.Dependents(item.Uid());
            foreach (var (dependentType, dependent) in dependents.Where(dependent => !dependent.Item.IsTerminating()))
                cluster.Deletion.Delete(dependentType, dependent, "Foreground", null);
            if (dependents.Count == 0)
                cluster.Deletion.RemoveFinalizer(type, item, "foregroundDeletion");
        }
    }

    private void Empty(JsonObject item)
    {
        var left = 0;
        foreach (var type in ResourceType.All.Where(type => type.Namespaced))
        {
            foreach (var content in cluster.Store.List(type, item.Name()))
            {
                if (!content.IsTerminating())
                    cluster.Deletion.Delete(type, content, "Background", null);
                if (cluster.Store.Get(type, item.Name(), content.Name()) is not null)
                    left++;
            }
        }

        if (left == 0 && !item.Items("metadata", "finalizers").Any())
            cluster.Store.Remove(Namespace, "", item.Name());
    }
}
