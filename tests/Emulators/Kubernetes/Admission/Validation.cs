using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Admission;

/// <summary>The rules that an object and a change of one must keep.</summary>
/// <param name="minor">The server's minor version.</param>
internal sealed partial class Validation(int minor)
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string ServiceRule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string LabelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private static readonly string[] StatefulSetMutable =
        ["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    /// <exception cref="ApiException">422 with everything that is wrong.</exception>
    public void Require(ResourceType type, JsonObject? before, JsonObject item)
    {
        var problems = new List<FieldProblem>();
        Metadata(type, item, problems);
        switch (type.Kind)
        {
            case "StatefulSet" or "Deployment" or "ReplicaSet":
                Workload(item, problems);
                break;
            case "Pod":
                PodSpec(item.At("spec"), "spec", problems);
                break;
            case "Service":
                Service(item, problems);
                break;
            case "PersistentVolumeClaim":
                Claim(item, problems);
                break;
            case "PersistentVolume":
                Volume(item, problems);
                break;
            case "StorageClass":
                if (string.IsNullOrEmpty(item.Text("provisioner")))
                    problems.Add(FieldProblem.Required("provisioner"));
                break;
        }

        if (before is not null)
            Change(type, before, item, problems);
        if (problems.Count > 0)
            throw ApiException.Invalid(type, item.Name(), problems);
    }

    private static void Metadata(ResourceType type, JsonObject item, List<FieldProblem> problems)
    {
        var name = item.Name();
        var (rule, text) = type.Kind switch
        {
            "Namespace" => (Label(), LabelRule),
            "Service" => (ServiceLabel(), ServiceRule),
            _ => (Subdomain(), SubdomainRule),
        };
        if (name.Length == 0)
            problems.Add(FieldProblem.Required("metadata.name", "name or generateName is required"));
        else if (!rule.IsMatch(name))
            problems.Add(FieldProblem.Invalid("metadata.name", $"\"{name}\"", text));
        else if (type.Kind is "Service" or "Namespace" && name.Length > 63)
            problems.Add(FieldProblem.Invalid("metadata.name", $"\"{name}\"", "must be no more than 63 characters"));
        Labels(item.At("metadata", "labels"), "metadata.labels", problems);
        foreach (var (key, _) in item.At("metadata", "annotations") as JsonObject ?? [])
        {
            if (!QualifiedName().IsMatch(key))
                problems.Add(FieldProblem.Invalid("metadata.annotations", $"\"{key}\"", "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
        }
    }

    private static void Labels(JsonNode? labels, string field, List<FieldProblem> problems)
    {
        foreach (var (key, value) in labels as JsonObject ?? [])
        {
            var text = value?.ToString() ?? "";
            if (!QualifiedName().IsMatch(key))
                problems.Add(FieldProblem.Invalid(field, $"\"{key}\"", "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
            if (text.Length > 63)
                problems.Add(FieldProblem.Invalid(field, $"\"{text}\"", "must be no more than 63 characters"));
            else if (!LabelValue().IsMatch(text))
                problems.Add(FieldProblem.Invalid(field, $"\"{text}\"", LabelValueRule));
        }
    }

    private static void Workload(JsonObject item, List<FieldProblem> problems)
    {
        if (item.Number("spec", "replicas") is < 0 and var replicas)
            problems.Add(FieldProblem.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0"));
        var labels = item.At("spec", "template", "metadata", "labels") as JsonObject ?? [];
        if (item.At("spec", "selector") is not JsonObject { Count: > 0 } selector)
            problems.Add(FieldProblem.Required("spec.selector"));
        else if (!Selector.Matches(selector, labels))
            problems.Add(FieldProblem.Invalid("spec.template.metadata.labels", Go(labels), "`selector` does not match template `labels`"));
        Labels(labels, "spec.template.metadata.labels", problems);
        var claims = item.Items("spec", "volumeClaimTemplates").Select(claim => claim.Text("metadata", "name") ?? "").ToList();
        PodSpec(item.At("spec", "template", "spec"), "spec.template.spec", problems, claims);
        if (item.Text("spec", "template", "spec", "restartPolicy") is { } policy and not "Always")
            problems.Add(FieldProblem.NotSupported("spec.template.spec.restartPolicy", policy, "Always"));
        if (item.Text("kind") == "StatefulSet" && item.Text("spec", "podManagementPolicy") is { } management and not ("OrderedReady" or "Parallel"))
            problems.Add(FieldProblem.Invalid("spec.podManagementPolicy", $"\"{management}\"", "must be 'OrderedReady' or 'Parallel'"));
        if (item.Text("spec", "strategy", "type") == "Recreate" && item.At("spec", "strategy", "rollingUpdate") is not null)
            problems.Add(FieldProblem.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
    }

    private static void PodSpec(JsonNode? spec, string field, List<FieldProblem> problems, IReadOnlyCollection<string>? claims = null)
    {
        var volumes = spec.Items("volumes").Select(volume => volume.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        volumes.UnionWith(claims ?? []);
        if (!spec.Items("containers").Any())
            problems.Add(FieldProblem.Required($"{field}.containers"));
        Duplicates(spec.Items("volumes"), "name", $"{field}.volumes", problems);
        foreach (var list in new[] { "containers", "initContainers" })
        {
            Duplicates(spec.Items(list), "name", $"{field}.{list}", problems);
            var index = 0;
            foreach (var container in spec.Items(list))
                Container(container, $"{field}.{list}[{index++}]", volumes, problems);
        }
    }

    private static void Container(JsonNode? container, string field, HashSet<string> volumes, List<FieldProblem> problems)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
            problems.Add(FieldProblem.Required($"{field}.name"));
        else if (!Label().IsMatch(name))
            problems.Add(FieldProblem.Invalid($"{field}.name", $"\"{name}\"", LabelRule));
        if (string.IsNullOrEmpty(container.Text("image")))
            problems.Add(FieldProblem.Required($"{field}.image"));
        var index = 0;
        foreach (var mount in container.Items("volumeMounts"))
        {
            if (!volumes.Contains(mount.Text("name") ?? ""))
                problems.Add(FieldProblem.NotFound($"{field}.volumeMounts[{index}].name", mount.Text("name") ?? ""));
            index++;
        }

        Duplicates(container.Items("volumeMounts"), "mountPath", $"{field}.volumeMounts", problems, "must be unique");
        index = 0;
        foreach (var port in container.Items("ports"))
        {
            if (port.Number("containerPort") is not (> 0 and < 65536))
                problems.Add(FieldProblem.Invalid($"{field}.ports[{index}].containerPort", port.Text("containerPort") ?? "0", "must be between 1 and 65535, inclusive"));
            if (port.Text("name") is { Length: > 15 } portName)
                problems.Add(FieldProblem.Invalid($"{field}.ports[{index}].name", $"\"{portName}\"", "must be no more than 15 characters"));
            index++;
        }

        index = 0;
        foreach (var variable in container.Items("env"))
        {
            if (string.IsNullOrEmpty(variable.Text("name")))
                problems.Add(FieldProblem.Required($"{field}.env[{index}].name"));
            if (variable.Text("value") is { Length: > 0 } && variable.At("valueFrom") is not null)
                problems.Add(FieldProblem.Invalid($"{field}.env[{index}].valueFrom", "\"\"", "may not be specified when `value` is not empty"));
            index++;
        }

        foreach (var (resource, limit) in container.At("resources", "limits") as JsonObject ?? [])
        {
            if (container.At("resources", "requests", resource) is { } request && Resources.Value(request) > Resources.Value(limit))
                problems.Add(FieldProblem.Invalid($"{field}.resources.requests", $"\"{request}\"", $"must be less than or equal to {resource} limit of {limit}"));
        }
    }

    private static void Service(JsonObject item, List<FieldProblem> problems)
    {
        var ports = item.Items("spec", "ports").ToList();
        if (ports.Count == 0 && item.Text("spec", "clusterIP") != "None" && item.Text("spec", "type") != "ExternalName")
            problems.Add(FieldProblem.Required("spec.ports"));
        for (var index = 0; index < ports.Count; index++)
        {
            if (ports[index].Number("port") is not (> 0 and < 65536))
                problems.Add(FieldProblem.Invalid($"spec.ports[{index}].port", ports[index].Text("port") ?? "0", "must be between 1 and 65535, inclusive"));
            if (ports.Count > 1 && string.IsNullOrEmpty(ports[index].Text("name")))
                problems.Add(FieldProblem.Required($"spec.ports[{index}].name"));
        }

        Duplicates(ports, "name", "spec.ports", problems);
    }

    private static void Claim(JsonObject item, List<FieldProblem> problems)
    {
        if (!item.Items("spec", "accessModes").Any())
            problems.Add(FieldProblem.Required("spec.accessModes", "at least 1 access mode is required"));
        if (item.At("spec", "resources", "requests", "storage") is null)
            problems.Add(FieldProblem.Required("spec.resources[storage]"));
    }

    private static void Volume(JsonObject item, List<FieldProblem> problems)
    {
        string[] common = ["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeMode", "volumeAttributesClassName"];
        if (!item.Items("spec", "accessModes").Any())
            problems.Add(FieldProblem.Required("spec.accessModes"));
        if (item.At("spec", "capacity", "storage") is null)
            problems.Add(FieldProblem.Required("spec.capacity"));
        var sources = (item["spec"] as JsonObject ?? []).Select(field => field.Key).Except(common, StringComparer.Ordinal).ToList();
        if (sources.Count == 0)
            problems.Add(FieldProblem.Required("spec", "must specify a volume type"));
        if (sources.Count > 1)
            problems.Add(FieldProblem.Forbidden($"spec.{sources[1]}", "may not specify more than 1 volume type"));
        if (item.At("spec", "csi") is { } csi)
        {
            if (string.IsNullOrEmpty(csi.Text("driver")))
                problems.Add(FieldProblem.Required("spec.csi.driver"));
            if (string.IsNullOrEmpty(csi.Text("volumeHandle")))
                problems.Add(FieldProblem.Required("spec.csi.volumeHandle"));
        }
    }

    private void Change(ResourceType type, JsonObject before, JsonObject item, List<FieldProblem> problems)
    {
        switch (type.Kind)
        {
            case "StatefulSet":
                var allowed = minor >= 33 ? [.. StatefulSetMutable, "revisionHistoryLimit"] : StatefulSetMutable;
                if (!JsonPaths.Same(Without(before["spec"], allowed), Without(item["spec"], allowed)))
                {
                    var names = minor >= 33
                        ? "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
                        : "'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
                    problems.Add(FieldProblem.Forbidden("spec", $"updates to statefulset spec for fields other than {names} are forbidden"));
                }

                break;
            case "Deployment" when !JsonPaths.Same(before.At("spec", "selector"), item.At("spec", "selector")):
                problems.Add(FieldProblem.Invalid("spec.selector", item.At("spec", "selector")?.ToJsonString() ?? "null", "field is immutable"));
                break;
            case "Service" when before.Text("spec", "clusterIP") is { Length: > 0 } address && address != item.Text("spec", "clusterIP"):
                problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", $"[]string{{\"{item.Text("spec", "clusterIP")}\"}}", "may not change once set"));
                break;
            case "Secret" when before.Text("type") != item.Text("type"):
                problems.Add(FieldProblem.Invalid("type", $"\"{item.Text("type")}\"", "field is immutable"));
                break;
            case "PersistentVolume":
                string[] mutable = ["accessModes", "capacity", "claimRef", "mountOptions", "persistentVolumeReclaimPolicy", "storageClassName", "nodeAffinity", "volumeMode"];
                if (!JsonPaths.Same(Without(before["spec"], mutable), Without(item["spec"], mutable)))
                    problems.Add(FieldProblem.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
                if (before.Text("spec", "volumeMode") != item.Text("spec", "volumeMode"))
                    problems.Add(FieldProblem.Invalid("spec.volumeMode", $"\"{item.Text("spec", "volumeMode")}\"", "field is immutable"));
                break;
            case "PersistentVolumeClaim":
                ClaimChange(before, item, problems);
                break;
            case "StorageClass":
                if (!JsonPaths.Same(before["parameters"], item["parameters"]))
                    problems.Add(FieldProblem.Forbidden("parameters", "updates to parameters are forbidden."));
                if (before.Text("provisioner") != item.Text("provisioner"))
                    problems.Add(FieldProblem.Forbidden("provisioner", "updates to provisioner are forbidden."));
                break;
            case "Pod":
                if (!JsonPaths.Same(Fixed(before), Fixed(item)))
                    problems.Add(FieldProblem.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
                break;
        }
    }

    private static void ClaimChange(JsonObject before, JsonObject item, List<FieldProblem> problems)
    {
        var unbound = before.At("spec", "volumeName") is null;
        string[] mutable = unbound ? ["resources", "volumeName", "storageClassName"] : ["resources"];
        if (!JsonPaths.Same(Without(before["spec"], mutable), Without(item["spec"], mutable)))
            problems.Add(FieldProblem.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
    }

    private static JsonObject Fixed(JsonObject pod)
    {
        var spec = Without(pod["spec"], ["activeDeadlineSeconds", "tolerations", "nodeName", "ephemeralContainers", "schedulingGates"]);
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")).OfType<JsonObject>())
            container.Remove("image");
        return spec;
    }

    private static JsonObject Without(JsonNode? spec, IEnumerable<string> names)
    {
        var copy = (spec as JsonObject ?? []).Copy();
        foreach (var name in names)
            copy.Remove(name);
        return copy;
    }

    private static void Duplicates(IEnumerable<JsonNode?> items, string key, string field, List<FieldProblem> problems, string? why = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in items)
        {
            var value = item.Text(key) ?? "";
            if (value.Length > 0 && !seen.Add(value))
                problems.Add(why is null ? FieldProblem.Duplicate($"{field}[{index}].{key}", $"\"{value}\"") : FieldProblem.Invalid($"{field}[{index}].{key}", $"\"{value}\"", why));
            index++;
        }
    }

    private static string Go(JsonObject labels) =>
        "map[string]string{" + string.Join(", ", labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"\"{label.Key}\":\"{label.Value}\"")) + "}";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex ServiceLabel();

    [GeneratedRegex(@"^([a-zA-Z0-9.-]+/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,62})?[A-Za-z0-9]$")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")]
    private static partial Regex LabelValue();
}
