namespace Ambrosia.Emulators.Kubernetes.Access;

/// <summary>A set of requests, as RBAC names them.</summary>
/// <param name="Verbs">Comma separated: get, list, watch, create, update, patch, delete; * for all.</param>
/// <param name="Resources">Comma separated: pods, pods/log, statefulsets.apps; * for all.</param>
/// <param name="Namespace">Only in this namespace; null for every one and for the cluster's own objects.</param>
public sealed record AccessRule(string Verbs, string Resources, string? Namespace = null)
{
    internal bool Covers(string verb, string resource, string @namespace) =>
        Has(Verbs, verb) && Has(Resources, resource) && (Namespace is null || Namespace == @namespace);

    private static bool Has(string list, string value) =>
        list == "*" || list.Split(',', StringSplitOptions.TrimEntries).Contains(value, StringComparer.Ordinal);
}
