using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

public sealed class ManagedCluster : ArmResource
{
    public const string ResourceType = "Microsoft.ContainerService/managedClusters";

    private readonly SentinelSecrets _secrets;
    private string? _kubeconfig;

    internal ManagedCluster(ResourceGroup group, string name, string location, string tenantId, SentinelSecrets secrets)
        : base(group, ResourceType, name, location)
    {
        TenantId = tenantId;
        _secrets = secrets;
        NodeResourceGroup = $"MC_{group.Name}_{name}_{location}";
    }

    public string TenantId { get; }

    /// <summary>The object id of the cluster's own identity.</summary>
    public string PrincipalId { get; } = Guid.NewGuid().ToString();

    /// <summary>The object id of the identity with which nodes pull images: AcrPull goes to this one.</summary>
    public string KubeletObjectId { get; } = Guid.NewGuid().ToString();

    public string KubeletClientId { get; } = Guid.NewGuid().ToString();

    public string NodeResourceGroup { get; internal set; }

    public string KubernetesVersion { get; set; } = "1.33.5";

    /// <summary><c>Running</c> or <c>Stopped</c>.</summary>
    public string PowerState { get; set; } = "Running";

    /// <summary>Entra ID alone lets people in; there is no admin's certificate.</summary>
    public bool DisableLocalAccounts { get => Properties["disableLocalAccounts"].Flag() ?? false; set => Properties["disableLocalAccounts"] = value; }

    /// <summary>The API server can be reached from its own network alone.</summary>
    public bool IsPrivate
    {
        get => Properties["apiServerAccessProfile"]?["enablePrivateCluster"].Flag() ?? false;
        set => Properties["apiServerAccessProfile"] = new JsonObject { ["enablePrivateCluster"] = value };
    }

    public IReadOnlyList<AgentPool> AgentPools =>
        Properties["agentPoolProfiles"] is JsonArray profiles ? [.. profiles.OfType<JsonObject>().Select(profile => new AgentPool(profile))] : [];

    /// <summary>What <c>get-credentials</c> hands out. A test sets one that leads to its own API server, and adds its token to the secrets.</summary>
    public string Kubeconfig
    {
        get => _kubeconfig ??= DefaultKubeconfig();
        set => _kubeconfig = value;
    }

    /// <summary>When the kubelet identity can be seen.</summary>
    internal DateTimeOffset IdentityVisible { get; set; }

    internal string KubeconfigBase64 => Convert.ToBase64String(Encoding.UTF8.GetBytes(Kubeconfig));

    internal override JsonObject ToJson(DateTimeOffset now)
    {
        var json = base.ToJson(now);
        json["identity"] = new JsonObject { ["type"] = "SystemAssigned", ["principalId"] = PrincipalId, ["tenantId"] = TenantId };
        json["sku"] = new JsonObject { ["name"] = "Base", ["tier"] = "Free" };
        var properties = (JsonObject)json["properties"]!;
        properties["kubernetesVersion"] = KubernetesVersion;
        properties["currentKubernetesVersion"] = KubernetesVersion;
        properties["nodeResourceGroup"] = NodeResourceGroup;
        properties[IsPrivate ? "privateFQDN" : "fqdn"] = $"{Name}-dns.{(IsPrivate ? "privatelink" : "hcp")}.{Location}.azmk8s.emu.test";
        properties["powerState"] = new JsonObject { ["code"] = PowerState };
        properties["servicePrincipalProfile"] = new JsonObject { ["clientId"] = "msi" };
        properties.Remove("identityProfile");
        if (now >= IdentityVisible)
        {
            properties["identityProfile"] = new JsonObject
            {
                ["kubeletidentity"] = new JsonObject
                {
                    ["resourceId"] = $"/subscriptions/{Group.SubscriptionId}/resourcegroups/{NodeResourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{Name}-agentpool",
                    ["clientId"] = KubeletClientId,
                    ["objectId"] = KubeletObjectId,
                },
            };
        }
        foreach (var pool in properties["agentPoolProfiles"] as JsonArray ?? [])
            Complete((JsonObject)pool!);
        return json;
    }

    internal JsonObject ToJson(AgentPool pool)
    {
        var properties = pool.Profile.Copy();
        properties.Remove("name");
        Complete(properties);
        return new JsonObject
        {
            ["id"] = $"{Id}/agentPools/{pool.Name}",
            ["name"] = pool.Name,
            ["type"] = "Microsoft.ContainerService/managedClusters/agentPools",
            ["properties"] = properties,
        };
    }

    private void Complete(JsonObject profile)
    {
        profile["provisioningState"] = ProvisioningState;
        profile["powerState"] = new JsonObject { ["code"] = PowerState };
        profile["currentOrchestratorVersion"] = KubernetesVersion;
        profile["orchestratorVersion"] = KubernetesVersion;
    }

    private string DefaultKubeconfig() => $$"""
        apiVersion: v1
        kind: Config
        current-context: {{Name}}
        clusters:
        - name: {{Name}}
          cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}
        contexts:
        - name: {{Name}}
          context: {cluster: {{Name}}, user: clusterUser_{{Group.Name}}_{{Name}}}
        users:
        - name: clusterUser_{{Group.Name}}_{{Name}}
          user: {token: {{_secrets.Next(SecretKind.KubeconfigToken, Name)}}}

        """;
}
