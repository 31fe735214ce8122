using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Admission;

/// <summary>The values that the server writes into an object where the client gave none.</summary>
/// <param name="minor">The server's minor version.</param>
internal sealed class Defaults(int minor)
{
    private int _addresses = 9;

    public void Fill(ResourceType type, JsonObject item)
    {
        switch (type.Kind)
        {
            case "Namespace":
                item.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = item.Name();
                item.Ensure("spec").Default("finalizers", new JsonArray("kubernetes"));
                item.Ensure("status").Default("phase", "Active");
                break;
            case "Secret":
                item.Default("type", "Opaque");
                break;
            case "Service":
                Service(item.Ensure("spec"));
                item.Ensure("status", "loadBalancer");
                break;
            case "PersistentVolume":
                AddFinalizer(item, "kubernetes.io/pv-protection");
                PersistentVolume(item.Ensure("spec"));
                item.Ensure("status").Default("phase", "Pending");
                break;
            case "PersistentVolumeClaim":
                AddFinalizer(item, "kubernetes.io/pvc-protection");
                item.Ensure("spec").Default("volumeMode", "Filesystem");
                item.Ensure("status").Default("phase", "Pending");
                break;
            case "StatefulSet":
                StatefulSet(item.Ensure("spec"));
                var status = item.Ensure("status");
                status.Default("replicas", 0);
                status.Default("availableReplicas", 0);
                break;
            case "Deployment":
                Deployment(item.Ensure("spec"));
                item.Ensure("status");
                break;
            case "Pod":
                Pod(item);
                break;
            case "StorageClass":
                item.Default("reclaimPolicy", "Delete");
                item.Default("volumeBindingMode", "Immediate");
                break;
            case "Node":
                item.Ensure("spec");
                break;
            case "ResourceQuota":
                item.Ensure("status");
                break;
        }
    }

    public void PodTemplate(JsonObject template)
    {
        var metadata = template.Ensure("metadata");

        // Servers before 1.34 write the time that a template has not.
        if (minor < 34)
            metadata["creationTimestamp"] = null;
        PodSpec(template.Ensure("spec"));
    }

    private static void AddFinalizer(JsonObject item, string finalizer)
    {
        // Only a new object gets it: one that is going must lose it for good.
        if (item.At("metadata", "resourceVersion") is null && item.At("metadata", "uid") is null)
            item.Ensure("metadata").Default("finalizers", new JsonArray(finalizer));
    }

    private void StatefulSet(JsonObject spec)
    {
        spec.Default("replicas", 1);
        spec.Default("podManagementPolicy", "OrderedReady");
        spec.Default("revisionHistoryLimit", 10);
        // The server writes this one although it may be empty.
        if (minor < 35)
            spec.Default("serviceName", "");
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
            strategy.Ensure("rollingUpdate").Default("partition", 0);
        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        PodTemplate(spec.Ensure("template"));
        foreach (var claim in spec.Items("volumeClaimTemplates").OfType<JsonObject>())
        {
            claim["kind"] = "PersistentVolumeClaim";
            claim["apiVersion"] = "v1";
            if (minor < 34)
                claim.Ensure("metadata")["creationTimestamp"] = null;
            claim.Ensure("spec").Default("volumeMode", "Filesystem");
            claim.Ensure("status").Default("phase", "Pending");
        }
    }

    private void Deployment(JsonObject spec)
    {
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate").Default("maxUnavailable", "25%");
            strategy.Ensure("rollingUpdate").Default("maxSurge", "25%");
        }

        PodTemplate(spec.Ensure("template"));
    }

    private static void Pod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        PodSpec(spec);
        spec.Default("serviceAccountName", "default");
        spec.Default("serviceAccount", spec.Text("serviceAccountName"));
        spec.Default("enableServiceLinks", true);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        spec.Default("priority", 0);
        if (spec["tolerations"] is null)
        {
            spec["tolerations"] = new JsonArray([.. new[] { "not-ready", "unreachable" }.Select(taint => new JsonObject
            {
                ["effect"] = "NoExecute",
                ["key"] = $"node.kubernetes.io/{taint}",
                ["operator"] = "Exists",
                ["tolerationSeconds"] = 300,
            })]);
        }

        var status = pod.Ensure("status");
        status.Default("phase", "Pending");
        status.Default("qosClass", Resources.QualityOfService(spec));
    }

    private static void PodSpec(JsonObject spec)
    {
        foreach (var list in new[] { "containers", "initContainers" })
        {
            foreach (var container in spec.Items(list).OfType<JsonObject>())
                Container(container);
        }

        foreach (var volume in spec.Items("volumes").OfType<JsonObject>())
            Volume(volume);
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec.Text("serviceAccountName") is { } account)
            spec.Default("serviceAccount", account);
    }

    private static void Container(JsonObject container)
    {
        var image = container.Text("image") ?? "";
        container.Default("resources", new JsonObject());
        if (container.At("resources", "limits") is JsonObject limits)
        {
            foreach (var (name, limit) in limits)
                container.Ensure("resources", "requests").Default(name, limit?.DeepClone());
        }

        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
        foreach (var port in container.Items("ports").OfType<JsonObject>())
            port.Default("protocol", "TCP");
        foreach (var name in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container[name] is JsonObject probe)
                Probe(probe);
        }

        foreach (var variable in container.Items("env").OfType<JsonObject>())
            (variable.At("valueFrom", "fieldRef") as JsonObject)?.Default("apiVersion", "v1");
        foreach (var handler in new[] { "postStart", "preStop" })
            (container.At("lifecycle", handler, "httpGet") as JsonObject)?.Default("scheme", "HTTP");
    }

    private static void Probe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);

        // Zero is the value that Go leaves out.
        if (probe.Number("initialDelaySeconds") == 0)
            probe.Remove("initialDelaySeconds");
        if (probe["httpGet"] is JsonObject request)
        {
            request.Default("scheme", "HTTP");
            request.Default("path", "/");
        }

        (probe["grpc"] as JsonObject)?.Default("service", "");
    }

    private static void Volume(JsonObject volume)
    {
        foreach (var source in new[] { "secret", "configMap", "projected", "downwardAPI" })
            (volume[source] as JsonObject)?.Default("defaultMode", 420);
        if (volume["hostPath"] is JsonObject path)
            path.Default("type", "");
        if (volume.Count == 1)
            volume["emptyDir"] = new JsonObject();
    }

    private static void PersistentVolume(JsonObject spec)
    {
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        if (spec["claimRef"] is JsonObject claim && claim["name"] is not null)
        {
            claim.Default("kind", "PersistentVolumeClaim");
            claim.Default("apiVersion", "v1");
        }
    }

    private void Service(JsonObject spec)
    {
        foreach (var port in spec.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            port.Default("targetPort", port["port"]?.DeepClone());
        }

        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        spec.Default("internalTrafficPolicy", "Cluster");
        if (spec.Text("type") == "ExternalName")
            return;
        spec.Default("clusterIP", $"10.0.{(++_addresses / 250).ToString(CultureInfo.InvariantCulture)}.{(_addresses % 250).ToString(CultureInfo.InvariantCulture)}");
        spec["clusterIPs"] = new JsonArray(spec["clusterIP"]!.DeepClone());
        spec.Default("ipFamilies", new JsonArray("IPv4"));
        spec.Default("ipFamilyPolicy", "SingleStack");
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return false;
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal);
    }
}
