using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>The fields of an object that each manager owns: metadata.managedFields.</summary>
internal sealed class Ownership
{
    private readonly Dictionary<FieldManager, (FieldSet Fields, string? Time)> _entries = [];

    public Ownership(JsonObject? item)
    {
        foreach (var entry in item.Items("metadata", "managedFields"))
        {
            if (entry is not null)
                _entries[FieldManager.Of(entry)] = (FieldSet.Parse(entry["fieldsV1"]), entry.Text("time"));
        }
    }

    public FieldSet? this[FieldManager manager] => _entries.TryGetValue(manager, out var entry) ? entry.Fields : null;

    public IEnumerable<(FieldManager Manager, FieldSet Fields, string? Time)> Others(FieldManager manager) =>
        _entries.Where(entry => entry.Key != manager).Select(entry => (entry.Key, entry.Value.Fields, entry.Value.Time));

    public void Set(FieldManager manager, FieldSet fields, string time) => _entries[manager] = (fields, time);

    /// <summary>Takes fields away from everyone but one manager; who owns nothing any more is forgotten.</summary>
    public void TakeFromOthers(FieldManager manager, IEnumerable<string> fields)
    {
        var taken = fields.ToHashSet(StringComparer.Ordinal);
        foreach (var (other, owned, _) in Others(manager).ToList())
        {
            owned.ExceptWith(taken);
            if (owned.Count == 0)
                _entries.Remove(other);
        }
    }

    public void Forget(FieldManager manager) => _entries.Remove(manager);

    public void WriteTo(JsonObject item)
    {
        var entries = new JsonArray();

        // Applies come first, as the server sorts them.
        foreach (var (manager, (fields, time)) in _entries.OrderBy(entry => entry.Key.Operation, StringComparer.Ordinal).ThenBy(entry => entry.Value.Time, StringComparer.Ordinal))
        {
            var entry = new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.Operation,
                ["apiVersion"] = manager.ApiVersion,
                ["time"] = time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = fields.ToFieldsV1(),
            };
            if (manager.Subresource.Length > 0)
                entry["subresource"] = manager.Subresource;
            entries.Add(entry);
        }

        if (entries.Count == 0)
            item.Ensure("metadata").Remove("managedFields");
        else
            item.Ensure("metadata")["managedFields"] = entries;
    }
}
