using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Admission;
using Ambrosia.Emulators.Kubernetes.Apply;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Reads and writes objects as requests ask for it.</summary>
internal sealed class ResourceHandler(Cluster cluster)
{
    private static readonly ResourceType NamespaceType = ResourceType.Of("namespaces");

    public JsonObject Get(ApiRequest request)
    {
        var item = Find(request);
        return request.Subresource == "scale" ? Scale(request.Type, item) : item;
    }

    public JsonObject List(ApiRequest request)
    {
        var (matches, start) = (Filter(request), 0);
        var all = cluster.Store.List(request.Type, request.Namespace).Where(matches).ToList();
        if (request.Query("continue") is { Length: > 0 } token)
            start = int.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(token)), CultureInfo.InvariantCulture);
        var limit = int.TryParse(request.Query("limit"), out var asked) && asked > 0 ? asked : int.MaxValue;
        var page = all.Skip(start).Take(limit).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = cluster.Store.Version.ToString(CultureInfo.InvariantCulture) };
        var left = all.Count - start - page.Count;
        if (left > 0)
        {
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes((start + page.Count).ToString(CultureInfo.InvariantCulture)));
            metadata["remainingItemCount"] = left;
        }

        var items = new JsonArray();
        foreach (var item in page)
        {
            // In a list only the list says its kind.
            var copy = item.Copy();
            copy.Remove("kind");
            copy.Remove("apiVersion");
            items.Add(copy);
        }

        return new JsonObject { ["kind"] = request.Type.Kind + "List", ["apiVersion"] = request.Type.ApiVersion, ["metadata"] = metadata, ["items"] = items };
    }

    public static Func<JsonObject, bool> Filter(ApiRequest request)
    {
        var labels = Selector.Labels(request.Query("labelSelector"));
        var fields = Selector.Fields(request.Query("fieldSelector"));
        return item => labels(item) && fields(item) && (request.Name.Length == 0 || item.Name() == request.Name);
    }

    public (int Code, JsonObject Item) Create(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            var item = request.JsonBody();
            var metadata = item.Ensure("metadata");
            if (item.Name().Length == 0 && item.Text("metadata", "generateName") is { } prefix)
                metadata["name"] = prefix + Guid.NewGuid().ToString("N")[..5];
            if (request.Type.Namespaced)
                metadata["namespace"] = request.Namespace;
            RequireNamespace(request, item.Name());
            if (cluster.Store.Get(request.Type, request.Namespace, item.Name()) is not null)
                throw ApiException.AlreadyExists(request.Type, item.Name());
            return (201, Store(request, null, item, Manager(request)));
        }
    }

    public JsonObject Replace(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            var before = Find(request);
            var item = request.JsonBody();
            if (item.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != before.Text("metadata", "resourceVersion"))
                throw ApiException.Stale(request.Type, request.Name);
            if (request.Subresource == "scale")
                return Rescale(request, before, item.Number("spec", "replicas") ?? 0);
            var changed = request.Subresource == "status" ? WithStatus(before, item) : item;
            if (request.Subresource != "status" && request.Type.HasStatus)
                changed["status"] = before["status"]?.DeepClone();
            return Store(request, before, changed, Manager(request));
        }
    }

    public (int Code, JsonObject Item) Patch(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            if (request.ContentType == "application/apply-patch+yaml")
                return Apply(request);
            var before = Find(request);
            var patch = request.JsonBody();
            if (patch.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != before.Text("metadata", "resourceVersion"))
                throw ApiException.Stale(request.Type, request.Name);
            if (request.Subresource == "scale")
                return (200, Rescale(request, before, patch.Number("spec", "replicas") ?? 0));
            var changed = before.Copy();
            switch (request.ContentType)
            {
                case "application/merge-patch+json":
                    Patches.Merge(changed, patch);
                    break;
                case "application/strategic-merge-patch+json":
                    Patches.Strategic(changed, patch, FieldSchema.Of(request.Type.Model));
                    break;
                default:
                    throw new ApiException(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
            }

            return (200, Store(request, before, changed, Manager(request)));
        }
    }

    public JsonObject Delete(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            var item = Find(request);
            var options = request.JsonBody();
            if (options.Text("preconditions", "uid") is { } uid && uid != item.Uid())
                throw new ApiException(409, "Conflict", $"Operation cannot be fulfilled on {request.Type.Qualified} \"{request.Name}\": the UID in the precondition ({uid}) does not match the UID in record ({item.Uid()}). The object might have been deleted and then recreated", ApiException.Details(request.Type, request.Name));
            if (request.Type.Kind == "Namespace" && request.Name is "default" or "kube-system")
                throw ApiException.Forbidden(request.Type, request.Name, "this namespace may not be deleted");
            var propagation = options.Text("propagationPolicy") ?? request.Query("propagationPolicy") ?? "Background";
            var grace = options.Number("gracePeriodSeconds") ?? (long.TryParse(request.Query("gracePeriodSeconds"), out var seconds) ? seconds : null);
            if (request.DryRun)
                return item;
            var (after, gone) = cluster.Deletion.Delete(request.Type, item, propagation, grace);

            // A pod is answered as an object, also one that is gone; so is what still waits.
            return gone && request.Type.Kind != "Pod" ? Success(ApiException.Details(request.Type, request.Name, item.Uid())) : after;
        }
    }

    public JsonObject DeleteCollection(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            var list = List(request);
            if (!request.DryRun)
            {
                foreach (var item in cluster.Store.List(request.Type, request.Namespace).Where(Filter(request)))
                    cluster.Deletion.Delete(request.Type, item, request.JsonBody().Text("propagationPolicy") ?? "Background", request.JsonBody().Number("gracePeriodSeconds"));
            }

            return list;
        }
    }

    public JsonObject Evict(ApiRequest request)
    {
        lock (cluster.Store.Gate)
        {
            var pod = Find(request);
            var options = request.JsonBody()["deleteOptions"];
            foreach (var budget in cluster.Store.List(ResourceType.Of("poddisruptionbudgets"), request.Namespace))
            {
                if (!Selector.Matches(budget.At("spec", "selector"), pod.At("metadata", "labels")))
                    continue;
                var healthy = cluster.Store.List(ResourceType.Of("pods"), request.Namespace).Count(other =>
                    Selector.Matches(budget.At("spec", "selector"), other.At("metadata", "labels")) && !other.IsTerminating() && Conditions.IsTrue(other, "Ready"));
                if (healthy <= (budget.Number("spec", "minAvailable") ?? 0))
                    throw new ApiException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = $"The disruption budget {budget.Name()} needs {budget.Number("spec", "minAvailable")} healthy pods and has {healthy} currently" }) });
            }

            if (!options.Items("dryRun").Any())
                cluster.Deletion.Delete(request.Type, pod, "Background", options.Number("gracePeriodSeconds"));
            var status = Success(null);
            status["code"] = 201;
            return status;
        }
    }

    public JsonObject Find(ApiRequest request) =>
        cluster.Store.Get(request.Type, request.Namespace, request.Name) ?? throw ApiException.NotFound(request.Type, request.Name);

    private (int Code, JsonObject Item) Apply(ApiRequest request)
    {
        if (request.Query("fieldManager") is not { Length: > 0 } manager)
            throw new ApiException(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        var applied = request.JsonBody();
        var metadata = applied.Ensure("metadata");
        if (applied.Text("kind") != request.Type.Kind || applied.Text("apiVersion") != request.Type.ApiVersion)
            throw ApiException.BadRequest($"invalid object type: {applied.Text("apiVersion")}, Kind={applied.Text("kind")}");
        if (metadata.ContainsKey("managedFields"))
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        if (applied.Name() != request.Name)
            throw ApiException.BadRequest($"the name of the object ({applied.Name()}) does not match the name on the URL ({request.Name})");
        if (request.Type.Namespaced && applied.Text("metadata", "namespace") is { Length: > 0 } other && other != request.Namespace)
            throw ApiException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        if (request.Type.Namespaced)
            metadata["namespace"] = request.Namespace;
        SchemaCheck.Require(request.Type, applied);
        if (request.Type.HasStatus)
            applied.Remove("status");
        var live = cluster.Store.Get(request.Type, request.Namespace, request.Name);
        if (live is null)
            RequireNamespace(request, request.Name);
        if (metadata["resourceVersion"] is { } version && live is not null && version.ToString() != live.Text("metadata", "resourceVersion"))
            throw ApiException.Stale(request.Type, request.Name);
        if (metadata["uid"] is { } uid && uid.ToString() != live?.Uid())
            throw new ApiException(409, "Conflict", $"Operation cannot be fulfilled on {request.Type.Qualified} \"{request.Name}\": uid mismatch: the provided object specified uid {uid}, and no existing object was found", ApiException.Details(request.Type, request.Name));

        var now = Timestamps.Seconds(cluster.Now);
        var result = ServerSideApply.Apply(
            request.Type, live, applied, new FieldManager(manager, "Apply", request.Type.ApiVersion), request.Query("force") == "true", now, item => Complete(request, live, item));
        Admit(request, live, result);
        if (!request.DryRun)
            return (live is null ? 201 : 200, ReferenceEquals(result, live) ? live : cluster.Store.Put(request.Type, result));
        var would = cluster.Store.Complete(request.Type, live, result);
        return (live is null ? 201 : 200, would);
    }

    /// <summary>Writes an object that is not applied but given as it shall be.</summary>
    private JsonObject Store(ApiRequest request, JsonObject? before, JsonObject item, FieldManager manager)
    {
        SchemaCheck.Require(request.Type, item);
        item.Ensure("metadata").Remove("managedFields");
        var completed = Complete(request, before, item);
        if (before.At("metadata", "managedFields") is { } managed)
            completed.Ensure("metadata")["managedFields"] = managed.DeepClone();
        if (before?.IsTerminating() == true)
            completed.Ensure("metadata")["deletionTimestamp"] = before.At("metadata", "deletionTimestamp")!.DeepClone();
        var result = ServerSideApply.Record(request.Type, before, completed, manager, Timestamps.Seconds(cluster.Now));
        Admit(request, before, result);
        if (request.DryRun)
            return cluster.Store.Complete(request.Type, before, result);
        var stored = cluster.Store.Put(request.Type, result);

        // Taking the last finalizer from an object that is being deleted ends it.
        cluster.Deletion.Finish(request.Type, stored);
        return stored;
    }

    private JsonObject Complete(ApiRequest request, JsonObject? before, JsonObject item)
    {
        var copy = item.Copy();
        cluster.Mutate?.Invoke(copy);
        Canonical.Write(request.Type, copy);
        cluster.Defaults.Fill(request.Type, copy);
        if (request.Type.Kind == "PersistentVolumeClaim")
            VolumeController.AssignDefaultClass(cluster.Store, copy);
        var completed = cluster.Store.Complete(request.Type, before, copy);
        if (before is null)
            completed.Ensure("metadata").Remove("resourceVersion");
        return completed;
    }

    private void Admit(ApiRequest request, JsonObject? before, JsonObject item)
    {
        if (request.Type.Kind == "PersistentVolumeClaim" && before is not null)
            AdmitResize(request, before, item);
        cluster.Validation.Require(request.Type, before, item);
        if (before is null && request.Type.Kind == "Pod" && Quota.Problem(cluster.Store, item) is { } problem)
            throw ApiException.Forbidden(request.Type, item.Name(), problem);
    }

    private void AdmitResize(ApiRequest request, JsonObject before, JsonObject item)
    {
        var old = before.At("spec", "resources", "requests", "storage");
        if (JsonPaths.Same(old, item.At("spec", "resources", "requests", "storage")))
            return;
        var storage = cluster.Store.Get(ResourceType.Of("storageclasses"), "", before.Text("spec", "storageClassName") ?? "");
        if (!storage.Flag("allowVolumeExpansion"))
            throw ApiException.Forbidden(request.Type, item.Name(), "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }

    private void RequireNamespace(ApiRequest request, string name)
    {
        if (!request.Type.Namespaced)
            return;
        var holder = cluster.Store.Get(NamespaceType, "", request.Namespace) ?? throw ApiException.NotFound(NamespaceType, request.Namespace);
        if (holder.IsTerminating())
        {
            throw ApiException.Forbidden(
                request.Type,
                name,
                $"unable to create new content in namespace {request.Namespace} because it is being terminated",
                new JsonObject { ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {request.Namespace} is being terminated", ["field"] = "metadata.namespace" });
        }
    }

    private JsonObject Rescale(ApiRequest request, JsonObject before, long replicas)
    {
        if (!request.Type.HasScale)
            throw ApiException.NoSuchPath();
        if (replicas < 0)
            throw ApiException.Invalid(request.Type, request.Name, [FieldProblem.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0")]);
        var changed = before.Copy();
        changed.Ensure("spec")["replicas"] = replicas;
        return Scale(request.Type, Store(request, before, changed, Manager(request)));
    }

    private static JsonObject Scale(ResourceType type, JsonObject item)
    {
        if (!type.HasScale)
            throw ApiException.NoSuchPath();
        var spec = new JsonObject();
        if (item.Number("spec", "replicas") is > 0 and var replicas)
            spec["replicas"] = replicas;
        var labels = item.At("spec", "selector", "matchLabels") as JsonObject ?? [];
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = item.Name(),
                ["namespace"] = item.Namespace(),
                ["uid"] = item.Uid(),
                ["resourceVersion"] = item.Text("metadata", "resourceVersion"),
                ["creationTimestamp"] = item.Text("metadata", "creationTimestamp"),
            },
            ["spec"] = spec,
            ["status"] = new JsonObject
            {
                ["replicas"] = item.Number("status", "replicas") ?? 0,
                ["selector"] = string.Join(",", labels.Select(label => $"{label.Key}={label.Value}")),
            },
        };
    }

    private static JsonObject WithStatus(JsonObject before, JsonObject item)
    {
        var changed = before.Copy();
        changed["status"] = item["status"]?.DeepClone();
        return changed;
    }

    private static FieldManager Manager(ApiRequest request) => new(request.FieldManager, "Update", request.Type.ApiVersion, request.Subresource);

    private static JsonObject Success(JsonObject? details)
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };
        if (details is not null)
            status["details"] = details;
        return status;
    }
}
