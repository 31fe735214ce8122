using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

public sealed class ContainerRegistry : ArmResource
{
    public const string ResourceType = "Microsoft.ContainerRegistry/registries";

    internal ContainerRegistry(ResourceGroup group, string name, string location, string loginServer)
        : base(group, ResourceType, name, location)
    {
        LoginServer = loginServer;
        Sku = "Basic";
    }

    /// <summary>Host and port that docker logs in to.</summary>
    public string LoginServer { get; set; }

    public bool AdminUserEnabled { get => Properties["adminUserEnabled"].Flag() ?? false; set => Properties["adminUserEnabled"] = value; }

    public Dictionary<string, ScopeMap> ScopeMaps { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Repository-scoped tokens by name.</summary>
    public Dictionary<string, RegistryToken> Tokens { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Passwords of the admin user; made when they are first asked for.</summary>
    internal List<string> AdminPasswords { get; } = [];

    internal override JsonObject ToJson(DateTimeOffset now)
    {
        var json = base.ToJson(now);
        json["sku"] = new JsonObject { ["name"] = Sku, ["tier"] = Sku };
        var properties = (JsonObject)json["properties"]!;
        properties["loginServer"] = LoginServer;
        properties["adminUserEnabled"] = AdminUserEnabled;
        properties["creationDate"] = Created.ToString("O");
        properties["policies"] ??= new JsonObject { ["azureADAuthenticationAsArmPolicy"] = new JsonObject { ["status"] = "enabled" } };
        return json;
    }
}
