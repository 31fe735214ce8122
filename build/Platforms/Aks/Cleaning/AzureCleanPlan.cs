using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Cleaning;

/// <summary>What Clean removes in Azure, decided before anything is removed. Only what carries our tag. Immutable.</summary>
/// <param name="Rows">Of kind Delete, in the order of doing.</param>
/// <param name="Parts">The resources that are deleted one by one; with the group, that alone.</param>
/// <param name="Assignments">Ids of role assignments.</param>
/// <param name="Tokens">The registry's token for pulls and its scope map are removed.</param>
/// <param name="EmptiesShare">The share is deleted and made anew.</param>
/// <param name="Others">What carries our tag under a name that is no longer configured.</param>
/// <param name="Foreign">What lies in our group and is not ours: the group is not deleted because of it, unless by force.</param>
/// <param name="Kept">What has the configured name but is not ours, and why.</param>
public sealed record AzureCleanPlan(
    IReadOnlyList<PlannedChange> Rows,
    IReadOnlyList<AzurePart> Parts,
    IReadOnlyList<string> Assignments,
    bool Tokens,
    bool EmptiesShare,
    IReadOnlyList<ObservedResource> Others,
    IReadOnlyList<ObservedResource> Foreign,
    IReadOnlyList<string> Kept)
{
    /// <summary>A pure function of what exists and the scope.</summary>
    /// <param name="principalIds">Object ids of our service principals, where there are any.</param>
    public static AzureCleanPlan For(BuildSettings settings, AzureObservation observed, CleanScope scope, params IReadOnlyList<string> principalIds)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        var names = new AzureNames(settings);
        return scope switch
        {
            CleanScope.Logs => Logs(names, observed),
            CleanScope.Auth => Auth(names, observed, principalIds),
            _ => Resources(names, observed, scope, principalIds),
        };
    }

    /// <summary>For the list of scopes.</summary>
    public static string Describe(CleanScope scope) => scope switch
    {
        CleanScope.All => "everything of this deployment: the instances, the resource group where it is ours (or else each resource of ours), "
            + $"role assignments, application registration, kubeconfig and local state, {MachineTraces.Description}",
        CleanScope.Most => "instances, storage account with the logs, registry, and what auth removes; keeps the cluster and the resource group",
        CleanScope.Auth => "role assignment, registry token or application registration, pull secret and share secret",
        CleanScope.Logs => "stops the instances and empties their logs; keeps everything else",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };

    private static AzureCleanPlan Logs(AzureNames names, AzureObservation observed)
    {
        var empties = names.UsesShare && observed.Share is not null && observed.Storage is { } storage && storage.Resource.IsOf(names.ServiceName);
        return new AzureCleanPlan(
            empties ? [Row(names.Describe(AzurePart.Share), "all logs in it; it is made anew, empty")] : [], [], [], false, empties, [], [],
            KeptOf(names, observed, [AzurePart.StorageAccount]));
    }

    private static AzureCleanPlan Auth(AzureNames names, AzureObservation observed, IReadOnlyList<string> principalIds)
    {
        var (rows, assignments, token) = AccessOf(names, observed, principalIds);
        return new AzureCleanPlan(rows, [], assignments, token, false, [], [], []);
    }

    private static AzureCleanPlan Resources(AzureNames names, AzureObservation observed, CleanScope scope, IReadOnlyList<string> principalIds)
    {
        var (rows, assignments, token) = AccessOf(names, observed, principalIds);
        AzurePart[] wanted = scope == CleanScope.All
            ? [AzurePart.Cluster, AzurePart.Registry, AzurePart.StorageAccount]
            : [AzurePart.Registry, AzurePart.StorageAccount];
        var takesGroup = scope == CleanScope.All && observed.Group is { } group && group.IsOf(names.ServiceName);
        if (takesGroup)
        {
            var inside = observed.Resources.Select(resource => resource.Name).ToList();
            rows.Add(Row(
                names.Describe(AzurePart.Group),
                inside.Count == 0 ? "ours, and empty" : $"ours, with everything in it: {string.Join(", ", inside)}"));
            var foreign = observed.Resources.Where(resource => !resource.IsOf(names.ServiceName)).ToList();
            return new AzureCleanPlan(rows, [AzurePart.Group], assignments, token, false, [], foreign, []);
        }

        var parts = wanted.Where(part => Find(observed, part) is { } resource && resource.IsOf(names.ServiceName)).ToList();
        rows.AddRange(parts.Select(part => Row(names.Describe(part), part == AzurePart.StorageAccount ? "ours, with the logs in it" : "ours")));
        var others = scope == CleanScope.All
            ? observed.Resources.Where(resource => resource.IsOf(names.ServiceName) && !wanted.Any(part => Is(resource, names.IdOf(part)))).ToList()
            : [];
        rows.AddRange(others.Select(other => Row($"{other.Type} {other.Name}", "ours, under a name that is no longer configured")));
        var kept = KeptOf(names, observed, scope == CleanScope.All ? [AzurePart.Group, .. wanted] : wanted);
        return new AzureCleanPlan(rows, parts, assignments, token, false, others, [], kept);

        static bool Is(ObservedResource resource, string id) => string.Equals(resource.Id, id, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Where the cluster or the registry are not ours, the assignment between them still is: its principal and scope are the configured ones.</summary>
    private static (List<PlannedChange> Rows, List<string> Assignments, bool Token) AccessOf(
        AzureNames names, AzureObservation observed, IReadOnlyList<string> principalIds)
    {
        List<PlannedChange> rows = [];
        if (observed.Registry is null)
            return (rows, [], false);
        string?[] principals = [observed.Cluster is { } cluster && cluster.Resource.IsOf(names.ServiceName) ? cluster.KubeletObjectId : null, .. principalIds];
        var assignments = principals.OfType<string>().Distinct()
            .SelectMany(principal => AzurePlanner.Assignments(names, observed, principal))
            .Where(assignment => string.Equals(assignment.Scope, names.RegistryId, StringComparison.OrdinalIgnoreCase)) // what is inherited was not made here
            .Select(assignment => assignment.Id).Distinct().ToList();
        rows.AddRange(assignments.Select(id => Row($"role assignment {id[(id.LastIndexOf('/') + 1)..]}", $"AcrPull on {names.Azure.Registry.Name}")));
        var token = observed.Registry.Resource.IsOf(names.ServiceName)
            && observed.RegistryTokens.Any(token => string.Equals(token.Name, names.TokenName, StringComparison.OrdinalIgnoreCase));
        if (token)
            rows.Add(Row($"registry token {names.TokenName}", "with its scope map"));
        return (rows, assignments, token);
    }

    private static List<string> KeptOf(AzureNames names, AzureObservation observed, IEnumerable<AzurePart> parts) =>
    [
        .. parts.Where(part => Find(observed, part) is { } resource && !resource.IsOf(names.ServiceName))
            .Select(part => $"{names.Describe(part)}: not ours (no tag {ObservedResource.OwnerTag}={names.ServiceName})"),
    ];

    internal static ObservedResource? Find(AzureObservation observed, AzurePart part) => part switch
    {
        AzurePart.Group => observed.Group,
        AzurePart.StorageAccount => observed.Storage?.Resource,
        AzurePart.Registry => observed.Registry?.Resource,
        AzurePart.Cluster => observed.Cluster?.Resource,
        _ => null,
    };

    private static PlannedChange Row(string resource, string reason) => new(nameof(Clean), resource, ChangeKind.Delete, reason);
}
