using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether kubectl will get into a cluster that exists.</summary>
public static class ClusterCheck
{
    /// <param name="isReachable">Null where it was not tried.</param>
    public static IReadOnlyList<Finding> Judge(AzureSettings settings, ObservedCluster cluster, bool hasKubelogin, bool? isReachable)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(cluster);
        var subject = $"cluster {settings.Cluster.Name}";
        var findings = new List<Finding>();
        if (cluster.PowerState == "Stopped")
        {
            findings.Add(new Finding(
                FindingSeverity.Error, subject, "is stopped",
                $"az aks start --name {settings.Cluster.Name} --resource-group {settings.ResourceGroup} --subscription {settings.Subscription}"));
        }

        if (cluster.IsEntraOnly)
        {
            findings.Add(hasKubelogin
                ? new Finding(FindingSeverity.Good, subject, "Entra identities only; kubelogin is installed")
                : new Finding(FindingSeverity.Error, subject, "has no local accounts, and kubelogin was not found", Kubelogin.Remedy));
        }

        if (cluster.IsPrivate)
        {
            findings.Add(isReachable == true
                ? new Finding(FindingSeverity.Good, subject, $"private API server {cluster.Fqdn}, reachable from here")
                : new Finding(FindingSeverity.Error, subject, $"private API server {cluster.Fqdn}, not reachable from here", PrivateCluster.Remedy));
        }

        return findings;
    }
}
