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
            yield return Secret(spec, spec.Settings.Kubernetes.ShareSecret, "Opaque", ShareValues(spec, share), ShareHash(spec));
        if (spec.NeedsPullSecret)
            yield return Pull(spec, spec.PullLogin!);
        if (spec.IsOriginalRuntime)
        {
            yield return Secret(
                spec, ConnectionSecret(spec.ServiceName), "Opaque", new() { [ConnectionKey] = spec.ConnectionString ?? "" }, ConnectionHash(spec));
        }
    }

    public static string ConnectionSecret(string serviceName) => $"{serviceName}-storage-connection";

    /// <summary>The hash that the share's Secret carries; the pods carry it too, so that one that still runs with an older key is seen.</summary>
    public static string ShareHash(DeploymentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec is { ShareKey: not null, Volumes: LogVolumes.AzureFileShare share }
            ? ContentHash.OfKey(Place(spec, spec.Settings.Kubernetes.ShareSecret), ShareValues(spec, share).Values)
            : DeploymentSpec.Unknown;
    }

    /// <summary>As <see cref="ShareHash"/>, of the connection string.</summary>
    public static string ConnectionHash(DeploymentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.ConnectionString is { } connection
            ? ContentHash.OfKey(Place(spec, ConnectionSecret(spec.ServiceName)), connection)
            : DeploymentSpec.Unknown;
    }

    /// <summary>The names are those that the CSI driver looks for.</summary>
    private static Dictionary<string, string> ShareValues(DeploymentSpec spec, LogVolumes.AzureFileShare share) => new()
    {
        ["azurestorageaccountname"] = share.Account,
        ["azurestorageaccountkey"] = spec.ShareKey ?? "",
    };

    private static string Place(DeploymentSpec spec, string name) => $"{spec.Settings.Kubernetes.Namespace}/{name}";

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
        var name = spec.Settings.Kubernetes.PullSecret;
        return Secret(
            spec, name, "kubernetes.io/dockerconfigjson", new() { [".dockerconfigjson"] = config.ToJsonString() },
            ContentHash.OfPassword(Place(spec, name), login.Server, login.User, login.Password));
    }

    private static KubeObject Secret(DeploymentSpec spec, string name, string type, Dictionary<string, string> values, string hash) =>
        KubeObject.Of(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                Labels = Naming.Labels(spec.ServiceName, Naming.AccessComponent).ToDictionary(),
                Annotations = new Dictionary<string, string> { [Naming.ContentHashAnnotation] = hash },
            },
            Type = type,
            Data = values.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value)),
        });
}
