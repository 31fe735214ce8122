using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Streams the changes of a collection.</summary>
internal sealed class WatchHandler(Cluster cluster)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(30);

    public async Task RunAsync(ApiRequest request, AnswerStream answer, CancellationToken cancellation)
    {
        var initial = request.Query("sendInitialEvents") == "true";
        if (initial && !cluster.Options.WatchList)
        {
            throw new ApiException(
                422,
                "Invalid",
                "ListOptions.meta.k8s.io \"\" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch, sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled]",
                new JsonObject { ["group"] = "meta.k8s.io", ["kind"] = "ListOptions", ["causes"] = new JsonArray() });
        }

        var matches = ResourceHandler.Filter(request);
        var bookmarks = request.Query("allowWatchBookmarks") == "true";
        await answer.BeginAsync(200, "application/json");
        var version = await BeginAsync(request, answer, matches, initial);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (int.TryParse(request.Query("timeoutSeconds"), out var seconds) && seconds > 0)
            limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            while (true)
            {
                var changed = cluster.Store.Changed;
                if (cluster.Store.Since(version) is not { } changes)
                {
                    await answer.WriteLineAsync(Event("ERROR", new ApiException(410, "Expired", $"too old resource version: {version} ({cluster.Store.Version})").Status));
                    return;
                }

                foreach (var change in changes)
                {
                    version = change.ResourceVersion;
                    if (change.Type == request.Type && Describe(change, request.Namespace, matches) is { } told)
                        await answer.WriteLineAsync(told);
                }

                var woken = await Task.WhenAny(changed, Task.Delay(BookmarkInterval, limit.Token));
                limit.Token.ThrowIfCancellationRequested();
                if (woken != changed && bookmarks)
                    await answer.WriteLineAsync(Bookmark(request.Type, version, false));
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The end of a watch is the end of its stream.
        }
    }

    /// <summary>Tells what is there, where the client asked for it, and returns the version from which changes are to be told.</summary>
    private async Task<long> BeginAsync(ApiRequest request, AnswerStream answer, Func<JsonObject, bool> matches, bool initial)
    {
        var asked = request.Query("resourceVersion");
        if (!initial && asked is { Length: > 0 } and not "0")
            return long.Parse(asked, CultureInfo.InvariantCulture);
        IReadOnlyList<JsonObject> present;
        long version;
        lock (cluster.Store.Gate)
        {
            version = cluster.Store.Version;
            present = [.. cluster.Store.List(request.Type, request.Namespace).Where(matches)];
        }

        foreach (var item in present)
            await answer.WriteLineAsync(Event("ADDED", item));
        if (initial)
            await answer.WriteLineAsync(Bookmark(request.Type, version, true));
        return version;
    }

    private static JsonObject? Describe(Change change, string @namespace, Func<JsonObject, bool> matches)
    {
        if (@namespace.Length > 0 && change.After.Namespace() != @namespace)
            return null;
        var before = change.Before is not null && matches(change.Before);
        var after = !change.Deleted && matches(change.After);
        return (before, after) switch
        {
            (false, true) => Event("ADDED", change.After),
            (true, true) => Event("MODIFIED", change.After),
            (true, false) => Event("DELETED", change.After),
            _ => null,
        };
    }

    private static JsonObject Bookmark(ResourceType type, long version, bool initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (initialEnd)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return Event("BOOKMARK", new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata });
    }

    private static JsonObject Event(string type, JsonObject item) => new() { ["type"] = type, ["object"] = item.DeepClone() };
}
