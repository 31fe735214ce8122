using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>What somebody else has put into a namespace. Pure.</summary>
internal static class ForeignObjects
{
    /// <summary>What Kubernetes itself puts into every namespace, and what others make for objects that are there anyway.</summary>
    /// <param name="deleted">Uids of objects of ours that are gone: the garbage collector has not come yet to what they owned.</param>
    public static IReadOnlyList<KubeObject> In(IEnumerable<KubeObject> objects, Func<string?, bool> isOurDeployment, IReadOnlySet<string>? deleted = null)
    {
        var all = objects.ToList();
        var there = all.Select(item => (string?)item.Content["metadata"]?["uid"]).OfType<string>().ToHashSet();
        there.UnionWith(deleted ?? new HashSet<string>());
        return [.. all.Where(item => !isOurDeployment(item.Label(Naming.DeploymentLabel)) && !IsStandard(item) && !HasOwnerIn(item, there))];
    }

    private static bool IsStandard(KubeObject item) => item.Kind switch
    {
        "ConfigMap" => item.Name is "kube-root-ca.crt" or "openshift-service-ca.crt" or "istio-ca-root-cert",
        "ServiceAccount" => item.Name is "default" or "builder" or "deployer",
        "Secret" => (string?)item.Content["type"] is "kubernetes.io/service-account-token",
        "Event" or "Endpoints" or "EndpointSlice" or "Lease" or "PodMetrics" => true,
        _ => false,
    };

    /// <summary>Its owner is in the namespace, too, or was, and tells whose it is. One whose owner is elsewhere is somebody's own.</summary>
    private static bool HasOwnerIn(KubeObject item, HashSet<string> there) => item.Content["metadata"]?["ownerReferences"] is JsonArray owners
        && owners.Any(owner => (string?)owner?["uid"] is { } uid && there.Contains(uid));
}
