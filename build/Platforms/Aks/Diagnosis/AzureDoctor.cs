using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Aks.Tools;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>
/// Looks for what would fail late, before anything is changed. Only what matters to this deployment is asked: nothing about a quota when
/// the nodes are there.
/// </summary>
public sealed class AzureDoctor(
    IAzureSession session, IAzureObserver observer, AksTools tools, IReachability reachability, ISettingsProvider provider,
    RunScope scope)
{
    private BuildSettings Settings => provider.Settings;

    private AzureSettings Azure => Settings.Azure!;

    private AzurePaths Paths => new(Azure);

    private IArmClient Arm => session.Arm;

    /// <summary>Observes, and judges.</summary>
    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation)
    {
        var programs = DiagnoseToolsAsync(cancellation);
        try
        {
            var observation = await observer.ObserveAsync(cancellation);
            return [.. await programs, .. await DiagnoseAzureAsync(observation, cancellation)];
        }
        catch (BuildException exception)
        {
            // Without a login there is nothing to ask Azure; the rest is told all the same.
            var findings = (await programs).ToList();
            if (exception.Code != ErrorCode.ToolMissing || findings.TrueForAll(finding => finding.Severity != FindingSeverity.Error))
                findings.Add(new Finding(FindingSeverity.Error, "Azure", exception.What, exception.Remedy ?? "run --target=Configure for the whole message"));
            return findings;
        }
        finally
        {
            await ((Task)programs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The same for what was observed already.</summary>
    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(AzureObservation observation, CancellationToken cancellation)
    {
        var programs = DiagnoseToolsAsync(cancellation);
        var azure = await DiagnoseAzureAsync(observation, cancellation);
        return [.. await programs, .. azure];
    }

    private async Task<IReadOnlyList<Finding>> DiagnoseToolsAsync(CancellationToken cancellation)
    {
        var az = tools.AzAsync(cancellation);
        var kubectl = tools.KubectlAsync(cancellation);
        var docker = DockerCheck.IsNeeded(Settings, scope) ? tools.DockerAsync(cancellation) : null;
        await Task.WhenAll(az, kubectl, docker ?? Task.CompletedTask);
        var findings = new List<Finding> { Finding.Of(await az), Finding.Of(await kubectl) };
        if (docker is not null)
            findings.AddRange(DockerCheck.Judge(await docker, Settings.Images.Platform));

        return findings;
    }

    private async Task<IReadOnlyList<Finding>> DiagnoseAzureAsync(AzureObservation observation, CancellationToken cancellation)
    {
        // A name is taken until its owner is gone; for the rest, what is being deleted is not there.
        var lasting = Lasting.Of(observation);
        Task<IReadOnlyList<Finding>>[] checks =
        [
            .. ProviderCheck.Needed(Settings, lasting).Select(name => CheckAsync($"resource provider {name}", async () =>
                [ProviderCheck.Judge(name, await Arm.GetAsync(Paths.Provider(name), ApiVersions.Resources, cancellation), Azure.Subscription)])),
            CheckAsync("VM size and vCPU quota", () => CheckNodesAsync(lasting, cancellation)),
            CheckAsync("names", () => CheckNamesAsync(observation, cancellation)),
            CheckAsync("rights", () => CheckPermissionsAsync(lasting, cancellation)),
            CheckAsync("policies about shared keys", () => CheckPoliciesAsync(observation, cancellation)),
            CheckAsync("cluster", () => CheckClusterAsync(lasting, cancellation)),
        ];
        return [.. (await Task.WhenAll(checks)).SelectMany(findings => findings)];
    }

    /// <summary>Who may not look cannot be told; that is no reason to refuse.</summary>
    private static async Task<IReadOnlyList<Finding>> CheckAsync(string subject, Func<Task<IReadOnlyList<Finding>>> check)
    {
        try
        {
            return await check();
        }
        catch (BuildException exception) when (exception.Code is ErrorCode.AzureForbidden or ErrorCode.AzureRequestFailed)
        {
            return [new Finding(FindingSeverity.Warning, subject, $"could not be checked: {exception.What}", exception.Remedy)];
        }
    }

    private async Task<IReadOnlyList<Finding>> CheckNodesAsync(AzureObservation observation, CancellationToken cancellation)
    {
        var nodes = QuotaCheck.NewNodes(Azure.Cluster, observation.Cluster);
        if (nodes == 0)
            return [];
        var skus = Arm.ListAsync(
            $"{Paths.Provider("Microsoft.Compute")}/skus", ApiVersions.ComputeSkus, $"$filter=location eq '{Azure.Location}'", cancellation);
        var usages = Arm.ListAsync(
            $"{Paths.Provider("Microsoft.Compute")}/locations/{Azure.Location}/usages", ApiVersions.ComputeUsage, null, cancellation);
        await Task.WhenAll(skus, usages);
        return QuotaCheck.Judge(
            Azure, Settings.Images.Platform, nodes, [.. (await skus).Select(VmSizeInfo.Read).OfType<VmSizeInfo>()], new CpuQuota(await usages));
    }

    private async Task<IReadOnlyList<Finding>> CheckNamesAsync(AzureObservation observation, CancellationToken cancellation)
    {
        var account = observation.Storage is null && Azure.Storage.Kind == "fileShare"
            ? AskAsync("Microsoft.Storage", "storageAccounts", Azure.Storage.Account, ApiVersions.Storage)
            : null;
        var registry = observation.Registry is null && Settings.Images.Public is null
            ? AskAsync("Microsoft.ContainerRegistry", "registries", Azure.Registry.Name, ApiVersions.Registry)
            : null;
        var findings = new List<Finding>();
        if (account is not null)
            findings.Add(NameCheck.Judge("storage account", Azure.Storage.Account, "azure.storage.account", await account));
        if (registry is not null)
            findings.Add(NameCheck.Judge("registry", Azure.Registry.Name, "azure.registry.name", await registry));
        return findings;

        Task<JsonElement?> AskAsync(string space, string type, string name, string version) => Arm.PostAsync(
            $"{Paths.Provider(space)}/checkNameAvailability", version,
            JsonSerializer.SerializeToElement(new { name, type = $"{space}/{type}" }), cancellation);
    }

    private async Task<IReadOnlyList<Finding>> CheckPermissionsAsync(AzureObservation observation, CancellationToken cancellation)
    {
        var scope = observation.Group is null ? Paths.Subscription : Paths.Group;
        var entries = await Arm.ListAsync(
            $"{scope}/providers/Microsoft.Authorization/permissions", ApiVersions.Authorization, null, cancellation);
        return PermissionCheck.Judge(Settings, observation, new Permissions(entries));
    }

    private async Task<IReadOnlyList<Finding>> CheckPoliciesAsync(AzureObservation observation, CancellationToken cancellation)
    {
        if (Azure.Storage.Kind != "fileShare")
            return [];

        // A policy denies the making of an account; one that exists speaks for itself.
        if (observation.Storage is { } storage)
            return [SharedKeyPolicy.Judge([], storage, Azure)];
        var assignments = await Arm.ListAsync(
            $"{Paths.Subscription}/providers/Microsoft.Authorization/policyAssignments", ApiVersions.PolicyAssignments, "$filter=atScope()", cancellation);
        var found = await Task.WhenAll(assignments.Select(assignment => ForbiddingAsync(assignment, cancellation)));
        return [SharedKeyPolicy.Judge([.. found.Where(policy => policy is not null).Select(policy => policy!.Value)], null, Azure)];
    }

    private async Task<(string Name, string Effect)?> ForbiddingAsync(JsonElement assignment, CancellationToken cancellation)
    {
        if (SharedKeyPolicy.AssignedDefinition(assignment, Paths.Group) is not { } id)
            return null;
        var name = assignment.Text("properties", "displayName") ?? assignment.Text("name") ?? id;
        var given = assignment.Property("properties", "parameters");
        if (SharedKeyPolicy.BuiltInEffect(id, given) is { } known)
            return SharedKeyPolicy.Forbids(known) ? (name, known) : null;
        if (await Arm.GetAsync(id, ApiVersions.PolicyDefinitions, cancellation) is not { } definition)
            return null;
        if (!SharedKeyPolicy.IsSet(id))
            return SharedKeyPolicy.Effect(definition, given) is { } effect && SharedKeyPolicy.Forbids(effect) ? (name, effect) : null;
        foreach (var member in SharedKeyPolicy.Candidates(definition))
        {
            if (await Arm.GetAsync(member.Text("policyDefinitionId")!, ApiVersions.PolicyDefinitions, cancellation) is { } policy
                && SharedKeyPolicy.EffectInSet(policy, member, definition, given) is { } effect && SharedKeyPolicy.Forbids(effect))
                return (name, effect);
        }

        return null;
    }

    private async Task<IReadOnlyList<Finding>> CheckClusterAsync(AzureObservation observation, CancellationToken cancellation)
    {
        if (observation.Cluster is not { } cluster)
            return [];
        var hasKubelogin = cluster.NeedsKubelogin && await tools.HasKubeloginAsync(cancellation);
        bool? isReachable = cluster is { IsPrivate: true, Fqdn: { } host } ? await reachability.IsReachableAsync(host, 443, cancellation) : null;
        return ClusterCheck.Judge(Azure, scope, cluster, hasKubelogin, isReachable);
    }
}
