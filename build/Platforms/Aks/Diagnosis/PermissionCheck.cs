using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether the login may make what is still to be made, and let the cluster into the registry.</summary>
public static class PermissionCheck
{
    /// <summary>Built-in role AcrPull: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.</summary>
    public const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

    private const string AssignRoles = "Microsoft.Authorization/roleAssignments/write";

    public static IReadOnlyList<Finding> Judge(BuildSettings settings, AzureObservation observation, Permissions permissions)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentNullException.ThrowIfNull(permissions);
        var azure = settings.Azure!;
        var scope = observation.Group is null ? $"subscription {azure.Subscription}" : $"resource group {azure.ResourceGroup}";
        var findings = new List<Finding>();
        var missing = Needed(settings, observation).Where(action => !permissions.Allow(action)).ToList();
        if (missing.Count > 0)
        {
            findings.Add(new Finding(
                FindingSeverity.Error, $"rights in {scope}", $"the login lacks {string.Join(", ", missing)}",
                $"ask an owner for the role Contributor on the {scope}" + (observation.Group is null ? ", or for a resource group made beforehand and that role on it" : "")));
        }
        else if (Needed(settings, observation).Count > 0)
        {
            findings.Add(new Finding(FindingSeverity.Good, $"rights in {scope}", "enough for what is to be made"));
        }

        if (NeedsAssignment(settings, observation))
            findings.Add(JudgeAssignment(azure, scope, permissions));
        return findings;
    }

    /// <summary>False where the cluster can pull already, or does so by other means.</summary>
    public static bool NeedsAssignment(BuildSettings settings, AzureObservation observation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observation);
        if (settings.Images.Public is not null || settings.Azure!.Registry.Auth == "token")
            return false;
        return settings.Azure.Registry.Auth == "servicePrincipal"
            ? !observation.RoleAssignments.Any(assignment => assignment.RoleName == AcrPull)
            : observation.Cluster?.KubeletObjectId is not { } kubelet
                || !observation.RoleAssignments.Any(assignment =>
                    assignment.RoleName == AcrPull && string.Equals(assignment.PrincipalId, kubelet, StringComparison.OrdinalIgnoreCase));
    }

    private static Finding JudgeAssignment(AzureSettings azure, string scope, Permissions permissions)
    {
        const string Subject = "right to assign roles";
        if (permissions.Allow(AssignRoles))
            return new Finding(FindingSeverity.Good, Subject, $"given in {scope}");
        const string Token = "set azure.registry.auth to token, which needs no role assignment";
        return azure.Registry.Auth == "servicePrincipal"
            ? new Finding(
                FindingSeverity.Warning, Subject, $"not given in {scope}: registry.auth servicePrincipal works only with a principal that can pull already",
                $"{Token}; or ask an owner to give the principal the role AcrPull on registry {azure.Registry.Name}")
            : new Finding(
                FindingSeverity.Error, Subject, $"not given in {scope}, and registry.auth managedIdentity needs one: AcrPull for the cluster's kubelet identity",
                $"{Token}; or ask an owner for the role 'Role Based Access Control Administrator' on the {scope}");
    }

    private static List<string> Needed(BuildSettings settings, AzureObservation observation)
    {
        var azure = settings.Azure!;
        var needed = new List<string>();
        if (observation.Group is null)
            needed.Add("Microsoft.Resources/subscriptions/resourceGroups/write");
        if (observation.Storage is null && azure.Storage.Kind == "fileShare")
            needed.Add("Microsoft.Storage/storageAccounts/write");
        if (azure.Storage.Kind == "fileShare")
            needed.Add("Microsoft.Storage/storageAccounts/listKeys/action");
        if (settings.Images.Public is null && observation.Registry is null)
            needed.Add("Microsoft.ContainerRegistry/registries/write");
        if (settings.Images.Public is null && azure.Registry.Auth == "token")
            needed.Add("Microsoft.ContainerRegistry/registries/tokens/write");
        if (observation.Cluster is null)
            needed.Add("Microsoft.ContainerService/managedClusters/write");
        return needed;
    }
}
