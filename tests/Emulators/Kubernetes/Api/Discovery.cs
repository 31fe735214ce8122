using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>The documents in which kubectl looks up what the server serves.</summary>
internal static class Discovery
{
    private static readonly string[] Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];

    private static readonly string[] Groups = [.. ResourceType.All.Select(type => type.Group).Where(group => group.Length > 0).Distinct(), "authorization.k8s.io", "authentication.k8s.io"];

    public static JsonObject Versions { get; } = new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") };

    /// <param name="silent">Groups of which nobody knows the resources, in version v1beta1.</param>
    public static JsonObject GroupList(IEnumerable<string> silent) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups.Select(group => Group(group, "v1")), .. silent.Select(group => Group(group, "v1beta1"))]),
    };

    /// <summary>The resources of a group ("" for the core); null when there is no such group.</summary>
    public static JsonObject? Resources(string group, string version)
    {
        if (version != "v1" || (group.Length > 0 && !Groups.Contains(group)))
            return null;
        var resources = new JsonArray();
        foreach (var type in ResourceType.All.Where(type => type.Group == group))
        {
            resources.Add(Entry(type.Plural, type.Singular, type.Namespaced, type.Kind, Verbs, type.ShortNames));
            if (type.HasStatus)
                resources.Add(Entry($"{type.Plural}/status", "", type.Namespaced, type.Kind, ["get", "patch", "update"]));
            if (type.HasScale)
                resources.Add(Entry($"{type.Plural}/scale", "", true, "Scale", ["get", "patch", "update"], group: "autoscaling"));
        }

        if (group.Length == 0)
        {
            resources.Add(Entry("pods/log", "", true, "Pod", ["get"]));
            resources.Add(Entry("pods/exec", "", true, "PodExecOptions", ["create", "get"]));
            resources.Add(Entry("pods/eviction", "", true, "Eviction", ["create"], group: "policy"));
        }

        if (group == "authorization.k8s.io")
            resources.Add(Entry("selfsubjectaccessreviews", "", false, "SelfSubjectAccessReview", ["create"]));
        if (group == "authentication.k8s.io")
            resources.Add(Entry("selfsubjectreviews", "", false, "SelfSubjectReview", ["create"]));
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private static JsonObject Group(string name, string version)
    {
        return new JsonObject { ["name"] = name, ["versions"] = new JsonArray(Version()), ["preferredVersion"] = Version() };

        JsonObject Version() => new() { ["groupVersion"] = $"{name}/{version}", ["version"] = version };
    }

    private static JsonObject Entry(
        string name, string singular, bool namespaced, string kind, string[] verbs, string[]? shortNames = null, string? group = null)
    {
        var entry = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = singular,
            ["namespaced"] = namespaced,
            ["kind"] = kind,
            ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
        };
        if (group is not null)
        {
            entry["group"] = group;
            entry["version"] = "v1";
        }

        if (shortNames is { Length: > 0 })
            entry["shortNames"] = new JsonArray([.. shortNames.Select(name => (JsonNode)name)]);
        return entry;
    }
}
