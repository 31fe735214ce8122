using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>Compares what exists with the settings. A pure function: the observed state is the only state.</summary>
public sealed class AzurePlanner
{
    private static readonly IReadOnlyList<PropertyChange> NoProperties = [];

    private readonly AzureNames _names;
    private readonly AzureObservation _observed;
    private readonly AzureObservation _lasting;
    private readonly PullPrincipal? _principal;
    private readonly string _groupStep;

    private AzurePlanner(BuildSettings settings, AzureObservation observed, PullPrincipal? principal, string groupStep)
    {
        _names = new AzureNames(settings);
        _principal = principal;
        _groupStep = groupStep;

        // What lies in a group that is being deleted goes with it.
        _lasting = Lasting.Of(observed);
        var isGoing = observed.Group is { } group && ProvisioningStates.PhaseOf(group) == ProvisioningPhase.Deleting;
        _observed = isGoing ? _lasting : observed;
    }

    /// <param name="principal">With <c>registry.auth: servicePrincipal</c>: what there is of it.</param>
    /// <param name="groupStep">The task that makes the group; the first of a run that needs it.</param>
    public static AzurePlan Plan(
        BuildSettings settings, AzureObservation observed, PullPrincipal? principal = null, string groupStep = nameof(ProvisionStorage))
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        return new AzurePlanner(settings, observed, principal, groupStep).Plan();
    }

    private AzurePlan Plan()
    {
        List<AzureAction> actions = [Group()];
        if (_names.UsesShare)
            actions.AddRange([Account(), Share()]);
        if (_names.UsesRegistry)
            actions.Add(Registry());
        actions.Add(Cluster());
        if (_names.UsesRegistry)
            actions.Add(PullAccess());
        return new AzurePlan(actions);
    }

    private AzureAction Group()
    {
        const AzurePart part = AzurePart.Group;
        var create = AzureCommands.CreateGroup(_names);
        if (_observed.Group is { } group && !group.IsOf(_names.ServiceName) && ProvisioningStates.PhaseOf(group) != ProvisioningPhase.Deleting)
            return new AzureAction(part, AzureWait.None, [], Row(part, ChangeKind.Unchanged, "made by somebody else: used as it is, and never removed"));
        return Compare(part, _observed.Group, group => group, AzureRules.Group, [create], [create], _ => []);
    }

    private AzureAction Account()
    {
        var create = AzureCommands.CreateAccount(_names);
        return Compare(
            AzurePart.StorageAccount, _observed.Storage, storage => storage.Resource, AzureRules.Storage, [create], [create],
            options => [AzureCommands.UpdateAccount(_names, options)]);
    }

    /// <summary>A share has neither tags nor a state; it belongs to its account.</summary>
    private AzureAction Share()
    {
        const AzurePart part = AzurePart.Share;
        var premiumNeeds = AzureRules.IsPremium(_names.Azure.Storage.Sku) && _names.Azure.Storage.QuotaGiB < AzureRules.LeastPremiumQuotaGiB;
        if (premiumNeeds)
        {
            return new AzureAction(part, AzureWait.None, [], Row(
                part, ChangeKind.Conflict, $"a premium share has at least {AzureRules.LeastPremiumQuotaGiB} GiB", NoProperties,
                $"set azure.storage.quotaGiB to {AzureRules.LeastPremiumQuotaGiB} or more, or azure.storage.sku to a standard one"));
        }

        if (_lasting.Share is not { } share)
            return new AzureAction(part, AzureWait.None, [AzureCommands.CreateShare(_names)], Row(part, ChangeKind.Create, "does not exist"));
        var (changes, commands, _) = Differences(share, AzureRules.Share, isUnsettled: false, options => [AzureCommands.UpdateShare(_names, options)]);
        return changes.Count == 0
            ? new AzureAction(part, AzureWait.None, [], Row(part, ChangeKind.Unchanged, "as configured"))
            : new AzureAction(part, AzureWait.None, commands, Row(part, ChangeKind.Update, "differs", changes));
    }

    private AzureAction Registry()
    {
        var create = AzureCommands.CreateRegistry(_names);
        return Compare(
            AzurePart.Registry, _observed.Registry, registry => registry.Resource, AzureRules.Registry, [create], [create],
            options => [AzureCommands.UpdateRegistry(_names, options)]);
    }

    private AzureAction Cluster()
    {
        var create = AzureCommands.CreateCluster(_names);

        // Of a cluster that never came up nothing can be lost, and Azure does not repair it; one that has run is never deleted by a plan.
        var everRan = _observed.Cluster is not { } observed || observed.EverRan;
        AzCommand[] repair = everRan ? [AzureCommands.ReconcileCluster(_names)] : [AzureCommands.DeleteCluster(_names, wait: true), create];
        return Compare(
            AzurePart.Cluster, _observed.Cluster, cluster => cluster.Resource, AzureRules.Cluster, [create], repair, _ => [], replaces: !everRan,
            note: AzureRules.IsAutoscaled(_observed.Cluster) ? "; its autoscaler sets the number of nodes" : "");
    }

    private AzureAction PullAccess() => _names.Azure.Registry.Auth switch
    {
        RegistryAuth.Token => Token(),
        RegistryAuth.ServicePrincipal when _principal is { IsGiven: true } => new AzureAction(
            AzurePart.PullAccess, AzureWait.None, [],
            Row(AzurePart.PullAccess, ChangeKind.Unchanged, $"application {_principal.AppId} was made beforehand, with its rights")),
        RegistryAuth.ServicePrincipal => Assignment(_principal?.ObjectId, _principal is null ? "the service principal does not exist" : "not assigned"),
        _ when _lasting.Cluster is { HasServicePrincipal: true, KubeletObjectId: null } => new AzureAction(AzurePart.PullAccess, AzureWait.None, [], Row(
            AzurePart.PullAccess, ChangeKind.Conflict, "the cluster was made with a service principal and has no kubelet identity", NoProperties,
            "set azure.registry.auth to token or servicePrincipal, or choose another name in azure.cluster.name")),
        _ => Assignment(_lasting.Cluster?.KubeletObjectId, "not assigned"),
    };

    private AzureAction Token()
    {
        const AzurePart part = AzurePart.PullAccess;
        var token = _lasting.Registry is null
            ? null
            : _lasting.RegistryTokens.FirstOrDefault(token => string.Equals(token.Name, _names.TokenName, StringComparison.OrdinalIgnoreCase));
        if (token is null)
            return new AzureAction(part, AzureWait.None, [AzureCommands.CreateToken(_names)], Row(part, ChangeKind.Create, "does not exist"));
        return string.Equals(token.Status, "enabled", StringComparison.OrdinalIgnoreCase)
            ? new AzureAction(part, AzureWait.None, [], Row(part, ChangeKind.Unchanged, "as configured"))
            : new AzureAction(
                part, AzureWait.None, [AzureCommands.EnableToken(_names)],
                Row(part, ChangeKind.Update, "differs", [new PropertyChange("status", token.Status, "enabled")]));
    }

    /// <summary>An assignment has no tags: it is recognised by principal, role and scope (a scope above the registry gives the same right).</summary>
    private AzureAction Assignment(string? principalId, string absent)
    {
        var exists = principalId is not null && _lasting.Registry is not null && Assignments(_names, _lasting, principalId).Any();
        return new AzureAction(AzurePart.PullAccess, AzureWait.None, [], Row(
            AzurePart.PullAccess, exists ? ChangeKind.Unchanged : ChangeKind.Create, exists ? "assigned" : absent));
    }

    /// <summary>The assignments that let a principal pull from the registry.</summary>
    internal static IEnumerable<ObservedRoleAssignment> Assignments(AzureNames names, AzureObservation observed, string principalId) =>
        observed.RoleAssignments.Where(assignment =>
            string.Equals(assignment.PrincipalId, principalId, StringComparison.OrdinalIgnoreCase)
            && string.Equals(assignment.RoleName, AzureNames.AcrPull, StringComparison.OrdinalIgnoreCase)
            && (string.Equals(assignment.Scope, names.RegistryId, StringComparison.OrdinalIgnoreCase)
                || names.RegistryId.StartsWith(assignment.Scope.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)));

    private AzureAction Compare<T>(
        AzurePart part, T? observed, Func<T, ObservedResource> resourceOf, IReadOnlyList<PropertyRule<T>> rules, IReadOnlyList<AzCommand> create,
        IReadOnlyList<AzCommand> repair, Func<IReadOnlyList<string>, IReadOnlyList<AzCommand>> update, bool replaces = false, string note = "")
        where T : class
    {
        if (observed is null)
            return new AzureAction(part, AzureWait.None, create, Row(part, ChangeKind.Create, "does not exist"));
        var resource = resourceOf(observed);
        var phase = ProvisioningStates.PhaseOf(resource);
        if (phase == ProvisioningPhase.Deleting)
            return new AzureAction(part, AzureWait.Gone, create, Row(part, ChangeKind.Create, "is being deleted; made again afterwards"));
        if (!resource.IsOf(_names.ServiceName))
            return new AzureAction(part, AzureWait.None, [], Foreign(part, resource));
        var (changes, commands, obstacles) = Differences(observed, rules, phase != ProvisioningPhase.Ready, update);
        if (obstacles.Count > 0)
            return new AzureAction(part, AzureWait.None, [], Conflict(part, obstacles));
        return phase switch
        {
            ProvisioningPhase.Broken => new AzureAction(part, AzureWait.None, [.. repair, .. replaces ? [] : commands], Row(
                part, ChangeKind.Update, $"its last operation ended in {resource.ProvisioningState}: {(replaces ? "it NEVER CAME UP and IS DELETED, then made anew" : "repaired")}", changes)),
            ProvisioningPhase.Busy when changes.Count == 0 => new AzureAction(part, AzureWait.Settled, [], Row(
                part, ChangeKind.Unchanged, $"{resource.ProvisioningState.ToLowerInvariant()} since an earlier run; awaited")),
            ProvisioningPhase.Busy => new AzureAction(part, AzureWait.Settled, commands, Row(
                part, ChangeKind.Update, $"differs; {resource.ProvisioningState.ToLowerInvariant()} now, changed afterwards", changes)),
            _ when changes.Count == 0 => new AzureAction(part, AzureWait.None, [], Row(part, ChangeKind.Unchanged, "as configured" + note)),
            _ => new AzureAction(part, AzureWait.None, commands, Row(part, ChangeKind.Update, "differs", changes)),
        };
    }

    private (List<PropertyChange> Changes, List<AzCommand> Commands, List<Obstacle> Obstacles) Differences<T>(
        T observed, IReadOnlyList<PropertyRule<T>> rules, bool isUnsettled, Func<IReadOnlyList<string>, IReadOnlyList<AzCommand>> update)
    {
        List<PropertyChange> changes = [];
        List<Obstacle> obstacles = [];
        List<string> options = [];
        List<AzCommand> own = [];
        foreach (var rule in rules)
        {
            if (rule.Compare(_names, observed, isUnsettled) is not { } change)
                continue;
            if (rule.Obstacle(change.Old ?? "", change.New ?? "") is { } why)
            {
                obstacles.Add(new Obstacle(change, why, rule.Remedy?.Invoke(_names)));
                continue;
            }

            changes.Add(change);
            options.AddRange(rule.Options(_names));
            if (rule.Command is { } command)
                own.Add(command(_names, observed));
        }

        return (changes, [.. options.Count > 0 ? update(options) : [], .. own], obstacles);
    }

    private PlannedChange Foreign(AzurePart part, ObservedResource resource)
    {
        var owner = resource.Tags.TryGetValue(ObservedResource.OwnerTag, out var other) ? other : null;
        var key = part switch
        {
            AzurePart.StorageAccount => "azure.storage.account",
            AzurePart.Registry => "azure.registry.name",
            _ => "azure.cluster.name",
        };
        return owner is null
            ? Row(
                part, ChangeKind.Conflict, $"made by somebody else (no tag {ObservedResource.OwnerTag})", NoProperties,
                $"choose another name in {key}, or make it this deployment's: {AzureCommands.Adoption(_names, resource.Id)}")
            : Row(
                part, ChangeKind.Conflict, $"belongs to the deployment {owner} (tag {ObservedResource.OwnerTag})", NoProperties,
                $"choose another name in {key}");
    }

    private PlannedChange Conflict(AzurePart part, List<Obstacle> obstacles) => Row(
        part, ChangeKind.Conflict, string.Join("; ", obstacles.Select(obstacle => obstacle.Why)), [.. obstacles.Select(obstacle => obstacle.Change)],
        string.Join("; ", obstacles.Select(obstacle => obstacle.Remedy).OfType<string>().Distinct()));

    private PlannedChange Row(AzurePart part, ChangeKind kind, string reason) => Row(part, kind, reason, NoProperties);

    private PlannedChange Row(AzurePart part, ChangeKind kind, string reason, IReadOnlyList<PropertyChange> properties, string? remedy = null) =>
        new(StepOf(part), _names.Describe(part), kind, reason, properties, remedy);

    private string StepOf(AzurePart part) => part switch
    {
        AzurePart.Group => _groupStep,
        AzurePart.StorageAccount or AzurePart.Share => nameof(ProvisionStorage),
        AzurePart.Registry => nameof(ProvisionAcr),
        AzurePart.PullAccess when _names.Azure.Registry.Auth == RegistryAuth.Token => nameof(ProvisionAcr),
        _ => nameof(ProvisionAks),
    };

    private sealed record Obstacle(PropertyChange Change, string Why, string? Remedy);
}
