using System.Globalization;
using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Storage;

/// <summary>All objects of the cluster and every change of them. Stored objects are never changed in place: who reads one may keep it.</summary>
internal sealed class ObjectStore(TimeProvider clock)
{
    private readonly Dictionary<ResourceType, SortedDictionary<string, JsonObject>> _objects =
        ResourceType.All.ToDictionary(type => type, _ => new SortedDictionary<string, JsonObject>(StringComparer.Ordinal));

    private readonly List<Change> _changes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100;
    private long _compacted;

    /// <summary>Held for every read-modify-write: a request and a controller see the objects one after the other.</summary>
    public Lock Gate { get; } = new();

    public TimeProvider Clock => clock;

    public long Version
    {
        get
        {
            lock (Gate)
                return _version;
        }
    }

    /// <summary>Ends at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (Gate)
                return _changed.Task;
        }
    }

    public JsonObject? Get(ResourceType type, string @namespace, string name)
    {
        lock (Gate)
            return _objects[type].GetValueOrDefault(Key(type, @namespace, name));
    }

    /// <param name="namespace">Null or empty for all.</param>
    public IReadOnlyList<JsonObject> List(ResourceType type, string? @namespace = null)
    {
        lock (Gate)
            return [.. _objects[type].Values.Where(item => string.IsNullOrEmpty(@namespace) || item.Namespace() == @namespace)];
    }

    /// <summary>Adds an object, or writes it over the one that is there; without a difference nothing happens.</summary>
    /// <returns>The object as it is stored now.</returns>
    public JsonObject Put(ResourceType type, JsonObject item)
    {
        lock (Gate)
        {
            var key = Key(type, item.Namespace(), item.Name());
            var before = _objects[type].GetValueOrDefault(key);
            var after = Complete(type, before, item);
            if (before is not null && JsonPaths.Same(before, after))
                return before;
            after.Ensure("metadata")["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            _objects[type][key] = after;
            Announce(new Change(type, _version, before, after, false));
            return after;
        }
    }

    /// <summary>Changes an object that is there; one that is not is left alone.</summary>
    public JsonObject? Update(ResourceType type, JsonObject item, Action<JsonObject> change)
    {
        lock (Gate)
        {
            if (Get(type, item.Namespace(), item.Name()) is not { } current || current.Uid() != item.Uid())
                return null;
            var copy = current.Copy();
            change(copy);
            return Put(type, copy);
        }
    }

    public JsonObject? Remove(ResourceType type, string @namespace, string name)
    {
        lock (Gate)
        {
            if (!_objects[type].Remove(Key(type, @namespace, name), out var before))
                return null;
            var last = before.Copy();
            last.Ensure("metadata")["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            Announce(new Change(type, _version, before, last, true));
            return last;
        }
    }

    /// <summary>Fills in what the server adds to every object, as if it were stored, but does not store it.</summary>
    public JsonObject Complete(ResourceType type, JsonObject? before, JsonObject item)
    {
        var after = item.Copy();
        after["kind"] = type.Kind;
        after["apiVersion"] = type.ApiVersion;
        var metadata = after.Ensure("metadata");
        if (!type.Namespaced)
            metadata.Remove("namespace");
        metadata["uid"] = before?.Uid() ?? Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = before?.Text("metadata", "creationTimestamp") ?? Timestamps.Seconds(clock.GetUtcNow());
        if (before is not null)
            metadata["resourceVersion"] = before.Text("metadata", "resourceVersion");
        if (type.HasGeneration)
        {
            var generation = before?.Number("metadata", "generation") ?? 0;
            metadata["generation"] = before is not null && JsonPaths.Same(before["spec"], after["spec"]) ? generation : generation + 1;
        }

        return after;
    }

    /// <summary>Changes after a version; null when they are no longer known (410 Gone).</summary>
    public IReadOnlyList<Change>? Since(long version)
    {
        lock (Gate)
        {
            if (version < _compacted)
                return null;
            var first = _changes.Count;
            while (first > 0 && _changes[first - 1].ResourceVersion > version)
                first--;
            return _changes.GetRange(first, _changes.Count - first);
        }
    }

    /// <summary>Forgets all changes so far: a watch from an older version is answered 410.</summary>
    public void Compact()
    {
        lock (Gate)
        {
            _compacted = ++_version;
            _changes.Clear();
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static string Key(ResourceType type, string @namespace, string name) => type.Namespaced ? $"{@namespace}/{name}" : name;

    private void Announce(Change change)
    {
        _changes.Add(change);
        var waiting = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.TrySetResult();
    }
}
