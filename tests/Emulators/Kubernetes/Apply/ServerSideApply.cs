using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>Merges an applied configuration into an object by field ownership.</summary>
internal static class ServerSideApply
{
    private static readonly string[] NotOwned = ["apiVersion", "kind"];

    private static readonly string[] NotOwnedMetadata =
    [
        "name", "namespace", "generateName", "creationTimestamp", "selfLink", "uid", "resourceVersion", "generation", "managedFields",
        "deletionTimestamp", "deletionGracePeriodSeconds", "clusterName",
    ];

    /// <param name="live">The object as it is; null when it does not exist.</param>
    /// <param name="complete">Adds to an object what the server adds: default values.</param>
    /// <exception cref="ApiException">409: other managers own fields that would change, and <paramref name="force"/> is not given.</exception>
    public static JsonObject Apply(
        ResourceType type, JsonObject? live, JsonObject applied, FieldManager manager, bool force, string time, Func<JsonObject, JsonObject> complete)
    {
        var schema = FieldSchema.Of(type.Model);
        var fields = Owned(FieldSet.Of(applied, schema));
        var ownership = new Ownership(live);
        var merged = (JsonObject)Merger.Merge(Unmanaged(live ?? []), Unmanaged(applied), schema)!;
        var before = ownership[manager];

        var changed = FieldSet.Difference(Unmanaged(live ?? []), merged, schema);
        var conflicts = ownership.Others(manager)
            .SelectMany(other => other.Fields.Where(changed.Contains).Where(fields.Contains).Select(path => (Who: other.Manager.Describe(other.Time), Path: path)))
            .ToList();
        if (conflicts.Count > 0 && !force)
            throw Conflict(conflicts);
        ownership.TakeFromOthers(manager, conflicts.Select(conflict => conflict.Path));

        // What this manager applied before and no longer does goes, unless someone else owns it or something below it.
        if (before is not null)
        {
            var kept = ownership.Others(manager).SelectMany(other => other.Fields).Concat(fields).ToList();
            var gone = before.Where(path => !kept.Exists(other => other == path || other.StartsWith(path + "\n", StringComparison.Ordinal)));
            Merger.Remove(merged, schema, gone.ToHashSet(StringComparer.Ordinal));
        }

        var result = complete(merged);
        var unchanged = live is not null && before is not null && before.SetEquals(fields) && JsonPaths.Same(Unmanaged(live), Unmanaged(result));
        if (unchanged && conflicts.Count == 0)
            return live!;
        ownership.Set(manager, fields, time);
        ownership.WriteTo(result);
        return result;
    }

    /// <summary>Records a change that was no apply: its manager owns what it changed, and nobody else does.</summary>
    public static JsonObject Record(ResourceType type, JsonObject? live, JsonObject changed, FieldManager manager, string time)
    {
        var schema = FieldSchema.Of(type.Model);
        var difference = Owned(FieldSet.Difference(Unmanaged(live ?? []), Unmanaged(changed), schema));
        var result = changed.Copy();
        if (difference.Count == 0)
            return result;
        var ownership = new Ownership(live);
        ownership.TakeFromOthers(manager, difference);
        var present = FieldSet.Of(Unmanaged(changed), schema);
        var owned = new FieldSet(ownership[manager] ?? []);
        owned.UnionWith(difference);
        owned.RemoveWhere(path => !present.Any(other => other == path || other.StartsWith(path + "\n", StringComparison.Ordinal)));
        if (owned.Count == 0)
            ownership.Forget(manager);
        else
            ownership.Set(manager, owned, time);
        ownership.WriteTo(result);
        return result;
    }

    /// <summary>An object without the record of its managers and without what differs by itself from write to write.</summary>
    private static JsonObject Unmanaged(JsonObject item)
    {
        var copy = item.Copy();
        (copy["metadata"] as JsonObject)?.Remove("managedFields");
        (copy["metadata"] as JsonObject)?.Remove("resourceVersion");
        (copy["metadata"] as JsonObject)?.Remove("generation");
        return copy;
    }

    private static FieldSet Owned(FieldSet fields)
    {
        var result = new FieldSet(fields);
        foreach (var name in NotOwned)
            result.Remove(FieldSet.Field("", name));
        foreach (var name in NotOwnedMetadata)
            result.Remove(FieldSet.Field("f:metadata", name));
        result.Remove("f:metadata");
        result.RemoveWhere(path => path == "f:status" || path.StartsWith("f:status\n", StringComparison.Ordinal));
        return result;
    }

    private static ApiException Conflict(List<(string Who, string Path)> conflicts)
    {
        conflicts.Sort((left, right) => string.CompareOrdinal(left.Who + left.Path, right.Who + right.Path));
        var text = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Who}: {FieldSet.Display(conflicts[0].Path)}"
            : $"Apply failed with {conflicts.Count} conflicts: " + string.Join("\n", conflicts.GroupBy(conflict => conflict.Who)
                .SelectMany(who => who.Select(conflict => "- " + FieldSet.Display(conflict.Path)).Prepend($"conflicts with {who.Key}:")));
        var causes = conflicts.Select(conflict => new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = $"conflict with {conflict.Who}",
            ["field"] = FieldSet.Display(conflict.Path),
        });
        return new ApiException(409, "Conflict", text, new JsonObject { ["causes"] = new JsonArray([.. causes]) });
    }
}
