using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Cleaning;

/// <summary>
/// Removes a deployment: shows first what goes, asks, removes it from the inside out, waits for the end, and looks again. Each step selects what
/// is still there, so it can be interrupted and repeated.
/// </summary>
public sealed class AzureCleaner(
    ISettingsProvider settings, IAzureObserver observer, AzureWriter writer, ResourceWatch watch, ServicePrincipals principals,
    Lazy<AksWorkload> workload, AksClusterAccess access, StateDirectory state, IConfirmation confirmation, IBuildConsole console)
{
    public async Task CleanAsync(CleanOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var names = new AzureNames(settings.Settings);
        var observed = await observer.ObserveAsync(cancellation);
        var applications = await ApplicationsAsync(names, options.Scope, cancellation);
        var plan = PlanOf(observed, options.Scope, applications);
        var inside = await InsideAsync(names, options.Scope, observed, cancellation);
        var rows = Rows(options.Scope, inside, plan, applications ?? []);
        foreach (var kept in plan.Kept)
            console.Line($"  kept      {kept}");
        if (!rows.Exists(IsRemoval))
        {
            console.Line("Clean: nothing to remove");
            return;
        }

        console.Line(PlanText.Table(new DeploymentPlan(rows, [])).TrimEnd('\n'));
        RefuseForeign(names, plan, options.Force);
        await confirmation.RequireAsync("Remove all this? It cannot be undone.", cancellation);
        try
        {
            await RemoveAsync(names, options, plan, inside, applications ?? [], cancellation);
            if (plan.EmptiesShare && IsThere(observed))
                await workload.Value.Cleaner.ForgetLogCodeAsync(cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            console.Warning("Azure goes on deleting what it has begun with; run Clean again to see it through.");
            throw;
        }

        if (options.NoWait)
        {
            console.Line("Clean: deletion goes on in Azure (--no-wait); run Clean again to see what remains");
            return;
        }

        await ProveAsync(names, options.Scope, plan.EmptiesShare ? observed.Share : null, applications, cancellation);
        var rest = applications is null ? "of Azure and the cluster nothing of this scope remains; the directory was not asked" : "nothing of this scope remains";
        console.Line($"Clean: {rows.Count(IsRemoval)} removed, {rest}");
    }

    private async Task RemoveAsync(
        AzureNames names, CleanOptions options, AzureCleanPlan plan, IReadOnlyList<PlannedChange> inside, IReadOnlyList<OwnApplication> applications,
        CancellationToken cancellation)
    {
        if (inside.Any(IsRemoval))
            await RemoveWorkloadAsync(names, options.Scope, plan, cancellation);
        foreach (var id in plan.Assignments)
            await DoAsync(names, null, AzureCommands.DeleteAssignment(names, id), $"role assignment {id[(id.LastIndexOf('/') + 1)..]}", cancellation);
        if (plan.Tokens)
        {
            await DoAsync(names, AzurePart.Registry, AzureCommands.DeleteToken(names), $"registry token {names.TokenName}", cancellation);
            await writer.RunAsync(names, AzurePart.Registry, AzureCommands.DeleteTokenScope(names), cancellation);
        }

        if (plan.EmptiesShare)
        {
            await DoAsync(names, AzurePart.StorageAccount, AzureCommands.DeleteShare(names), names.Describe(AzurePart.Share), cancellation);
            await writer.RunAsync(names, AzurePart.StorageAccount, AzureCommands.CreateShare(names), cancellation);
            console.Event($"Made anew, empty: {names.Describe(AzurePart.Share)}");
        }

        await Task.WhenAll(plan.Parts.Select(part => DeleteAsync(names, part, options.NoWait, cancellation)));
        foreach (var other in plan.Others)
            await DoAsync(names, null, AzureCommands.DeleteResource(names, other.Id), $"{other.Type} {other.Name}", cancellation);
        foreach (var application in applications)
        {
            await principals.RemoveAsync(names, application.AppId, cancellation);
            console.Event($"Removed: application registration {application.Name}");
        }

        if (options.Scope != CleanScope.All)
            return;
        await access.ForgetAsync(cancellation);
        if (Directory.Exists(state.Path))
            Directory.Delete(state.Path, recursive: true);
    }

    /// <summary>Where the cluster goes with the rest, a workload that cannot be reached goes with it.</summary>
    private async Task RemoveWorkloadAsync(AzureNames names, CleanScope scope, AzureCleanPlan plan, CancellationToken cancellation)
    {
        try
        {
            await workload.Value.Cleaner.CleanAsync(scope, names.UsesShare, cancellation);
        }
        catch (BuildException exception) when (plan.Parts.Contains(AzurePart.Group) || plan.Parts.Contains(AzurePart.Cluster))
        {
            console.Warning($"The instances could not be removed by themselves ({exception.What}); they go with the cluster.");
        }
    }

    private async Task DeleteAsync(AzureNames names, AzurePart part, bool noWait, CancellationToken cancellation)
    {
        var resource = await watch.LookAsync(names, part, cancellation);
        if (resource is null)
            return;
        var isGoing = ProvisioningStates.PhaseOf(ResourceWatch.StateOf(resource.Value)) == ProvisioningPhase.Deleting;
        if (!isGoing)
        {
            console.Event($"Deleting: {names.Describe(part)}");
            await writer.RunAsync(names, part, Command(names, part), cancellation);
        }

        if (!noWait)
            await watch.UntilGoneAsync(names, part, cancellation);
    }

    private static Cli.Azure.AzCommand Command(AzureNames names, AzurePart part) => part switch
    {
        AzurePart.Group => AzureCommands.DeleteGroup(names),
        AzurePart.Cluster => AzureCommands.DeleteCluster(names, wait: false),
        AzurePart.Registry => AzureCommands.DeleteRegistry(names),
        AzurePart.StorageAccount => AzureCommands.DeleteAccount(names),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    private async Task DoAsync(AzureNames names, AzurePart? part, Cli.Azure.AzCommand command, string what, CancellationToken cancellation)
    {
        await writer.RunAsync(names, part, command, cancellation);
        console.Event($"Removed: {what}");
    }

    /// <summary>Looks again: what is told to be removed is removed.</summary>
    /// <param name="emptied">The share as it was before it was made anew; null where it was not.</param>
    /// <exception cref="BuildException">AMB3008: something remains.</exception>
    private async Task ProveAsync(
        AzureNames names, CleanScope scope, ObservedShare? emptied, IReadOnlyList<OwnApplication>? applications, CancellationToken cancellation)
    {
        var observed = await observer.ObserveAsync(cancellation);
        // A directory that did not answer before is not asked again.
        IReadOnlyList<OwnApplication> left = applications is null or [] ? [] : await principals.OursAsync(names, cancellation);
        List<PlannedChange> remaining = [];
        // The row of the share stands for its contents, so there it is again: what counts is that it is another share.
        if (emptied is null)
            remaining.AddRange(PlanOf(observed, scope, applications).Rows);
        else if (observed.Share is null)
            remaining.Add(new PlannedChange(nameof(Clean), $"{names.Describe(AzurePart.Share)}: was not made anew", ChangeKind.Delete, ""));
        else if (emptied.ETag is not null && observed.Share.ETag == emptied.ETag)
            remaining.Add(new PlannedChange(nameof(Clean), $"{names.Describe(AzurePart.Share)}: is still the one with the logs", ChangeKind.Delete, ""));
        remaining.AddRange(left.Select(ApplicationRow));
        if (observed.Cluster is not null)
            remaining.AddRange(await InsideAsync(names, scope, observed, cancellation));
        remaining.RemoveAll(row => !IsRemoval(row));
        if (remaining.Count == 0)
            return;
        throw new BuildException(
            ErrorCode.CleanIncomplete,
            $"{remaining.Count} of what was to be removed remains:{string.Concat(remaining.Select(row => $"\n  {row.Resource}"))}",
            cause: "Azure has not finished, or somebody makes it again", remedy: "run Clean again; it removes what is still there");
    }

    private AzureCleanPlan PlanOf(AzureObservation observed, CleanScope scope, IReadOnlyList<OwnApplication>? applications) =>
        AzureCleanPlan.For(settings.Settings, observed, scope, [.. (applications ?? []).Select(application => application.ObjectId).OfType<string>()]);

    /// <summary>Rows of another kind tell what is kept.</summary>
    private static bool IsRemoval(PlannedChange row) => row.Kind == ChangeKind.Delete;

    private static bool IsThere(AzureObservation observed) =>
        observed.Cluster is { } cluster && ProvisioningStates.PhaseOf(cluster.Resource) != ProvisioningPhase.Deleting;

    /// <summary>What lies in the cluster; where that cannot be asked and is to go anyway, it is not asked.</summary>
    private async Task<IReadOnlyList<PlannedChange>> InsideAsync(AzureNames names, CleanScope scope, AzureObservation observed, CancellationToken cancellation)
    {
        if (!IsThere(observed))
            return [];
        try
        {
            return await workload.Value.Cleaner.PlanAsync(scope, names.UsesShare, cancellation);
        }
        catch (BuildException exception) when (scope == CleanScope.All)
        {
            console.Warning($"The cluster cannot be asked what runs in it: {exception.What}");
            return [];
        }
    }

    /// <summary>
    /// Whatever carries our mark, whichever way the nodes get in by now: an earlier configuration may have made it. Null where the directory does
    /// not tell; whoever never made one there need not be able to ask it.
    /// </summary>
    private async Task<IReadOnlyList<OwnApplication>?> ApplicationsAsync(AzureNames names, CleanScope scope, CancellationToken cancellation)
    {
        if (scope == CleanScope.Logs)
            return [];
        try
        {
            return await principals.OursAsync(names, cancellation);
        }
        catch (BuildException exception) when (
            exception.Code == ErrorCode.AzureForbidden || names.Azure.Registry.Auth != RegistryAuth.ServicePrincipal)
        {
            console.Warning($"Application registrations are not looked for: {exception.What}");
            return null;
        }
    }

    private List<PlannedChange> Rows(
        CleanScope scope, IReadOnlyList<PlannedChange> inside, AzureCleanPlan plan, IReadOnlyList<OwnApplication> applications)
    {
        List<PlannedChange> rows = [.. inside, .. plan.Rows, .. applications.Select(ApplicationRow)];
        if (scope == CleanScope.All && Directory.Exists(state.Path))
            rows.Add(new PlannedChange(nameof(Clean), "local state", ChangeKind.Delete, state.Path));
        return rows;
    }

    private static PlannedChange ApplicationRow(OwnApplication application) =>
        new(nameof(Clean), $"application registration {application.Name}", ChangeKind.Delete, "with its service principal");

    private static void RefuseForeign(AzureNames names, AzureCleanPlan plan, bool force)
    {
        if (plan.Foreign.Count == 0 || force)
            return;
        throw new BuildException(
            ErrorCode.ForeignResources,
            $"The {names.Describe(AzurePart.Group)} holds {plan.Foreign.Count} things that are not ours; nothing was removed."
            + string.Concat(plan.Foreign.Select(resource => $"\n  {resource.Type} {resource.Name}")),
            remedy: $"move them to another group, or give --force to remove them too, or tag what is ours: {AzureCommands.Adoption(names, plan.Foreign[0].Id)}");
    }
}
