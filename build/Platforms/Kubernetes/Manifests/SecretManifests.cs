using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Contracts;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>The Secrets of a deployment. Each carries a hash of what it holds, by which a change is noticed.</summary>
public static class SecretManifests
{
    public const string ConnectionKey = "connectionString";

    public static IEnumerable<KubeObject> Build(DeploymentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Volumes is LogVolumes.AzureFileShare share)
            yield return Share(spec, share);
        if (spec.NeedsPullSecret)
            yield return Pull(spec, spec.PullLogin!);
        if (spec.IsOriginalRuntime)
        {
            yield return Secret(
                spec, ConnectionSecret(spec.ServiceName), "Opaque", new() { [ConnectionKey] = spec.ConnectionString ?? "" }, spec.ConnectionString is not null);
        }
    }

    public static string ConnectionSecret(string serviceName) => $"{serviceName}-storage-connection";

    /// <summary>The hash that a Secret carries; the pods carry it too, so that one that still runs with an older value is seen.</summary>
    public static string HashOf(DeploymentSpec spec, string secret) =>
        Build(spec).First(candidate => candidate.Name == secret).Annotation(Naming.ContentHashAnnotation)!;

    /// <summary>The names of the keys are those that the CSI driver looks for.</summary>
    private static KubeObject Share(DeploymentSpec spec, LogVolumes.AzureFileShare share) => Secret(
        spec, spec.Settings.Kubernetes.ShareSecret, "Opaque",
        new() { ["azurestorageaccountname"] = share.Account, ["azurestorageaccountkey"] = spec.ShareKey ?? "" }, spec.ShareKey is not null);

    private static KubeObject Pull(DeploymentSpec spec, RegistryLogin login)
    {
        var config = new JsonObject
        {
            ["auths"] = new JsonObject
            {
                [login.Server] = new JsonObject
                {
                    ["username"] = login.User,
                    ["password"] = login.Password,
                    ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}")),
                },
            },
        };
        return Secret(
            spec, spec.Settings.Kubernetes.PullSecret, "kubernetes.io/dockerconfigjson", new() { [".dockerconfigjson"] = config.ToJsonString() }, isKnown: true);
    }

    private static KubeObject Secret(DeploymentSpec spec, string name, string type, Dictionary<string, string> values, bool isKnown) =>
        KubeObject.Of(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                Labels = Naming.Labels(spec.ServiceName, Naming.AccessComponent).ToDictionary(),
                Annotations = new Dictionary<string, string>
                {
                    [Naming.ContentHashAnnotation] = isKnown
                        ? ContentHash.Of($"{spec.Settings.Kubernetes.Namespace}/{name}", [type, .. values.SelectMany(pair => new[] { pair.Key, pair.Value })])
                        : DeploymentSpec.Unknown,
                },
            },
            Type = type,
            Data = values.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value)),
        });
}
