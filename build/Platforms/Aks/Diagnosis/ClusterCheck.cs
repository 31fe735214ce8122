using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether kubectl will get into a cluster that exists.</summary>
public static class ClusterCheck
{
    /// <summary>The tasks that speak with the cluster's API server.</summary>
    private static readonly string[] Entering = [nameof(Deploy), nameof(Verify), nameof(Immortality), nameof(Status), nameof(Logs)];

    /// <param name="scope">What this run does: a cluster that nobody enters need not be reachable, nor kubelogin be there, and one that is provisioned is started.</param>
    /// <param name="isReachable">Null where it was not tried.</param>
    public static IReadOnlyList<Finding> Judge(AzureSettings settings, RunScope scope, ObservedCluster cluster, bool hasKubelogin, bool? isReachable)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(cluster);
        var subject = $"cluster {settings.Cluster.Name}";
        var findings = new List<Finding>();
        var whereEntered = Array.Exists(Entering, scope.Includes) ? FindingSeverity.Error : FindingSeverity.Warning;
        if (cluster.PowerState == "Stopped")
        {
            findings.Add(scope.Includes(nameof(ProvisionAks))
                ? new Finding(FindingSeverity.Warning, subject, "is stopped; this run starts it")
                : new Finding(
                    whereEntered, subject, "is stopped",
                    $"--target=ProvisionAks starts it, or: az aks start --name {settings.Cluster.Name} --resource-group {settings.ResourceGroup} "
                    + $"--subscription {settings.Subscription}"));
        }

        if (cluster.NeedsKubelogin)
        {
            findings.Add(hasKubelogin
                ? new Finding(FindingSeverity.Good, subject, "Entra identities; kubelogin is installed")
                : new Finding(whereEntered, subject, "is entered with Entra identities, and kubelogin was not found", Kubelogin.Remedy));
        }

        if (cluster.IsPrivate)
        {
            findings.Add(isReachable == true
                ? new Finding(FindingSeverity.Good, subject, $"private API server {cluster.Fqdn}, reachable from here")
                : new Finding(whereEntered, subject, $"private API server {cluster.Fqdn}, not reachable from here", PrivateCluster.Remedy));
        }

        return findings;
    }
}
