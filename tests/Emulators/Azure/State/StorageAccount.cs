using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

public sealed class StorageAccount : ArmResource
{
    public const string ResourceType = "Microsoft.Storage/storageAccounts";

    private readonly SentinelSecrets _secrets;
    private readonly Dictionary<string, string> _keys = [];

    internal StorageAccount(ResourceGroup group, string name, string location, SentinelSecrets secrets)
        : base(group, ResourceType, name, location)
    {
        _secrets = secrets;
        Sku = "Standard_RAGRS";
        Kind = "StorageV2";
        RegenerateKey("key1");
        RegenerateKey("key2");
    }

    public string AccessTier { get => Properties["accessTier"].Text() ?? "Hot"; set => Properties["accessTier"] = value; }

    public string MinimumTlsVersion { get => Properties["minimumTlsVersion"].Text() ?? "TLS1_0"; set => Properties["minimumTlsVersion"] = value; }

    public bool SupportsHttpsTrafficOnly { get => Properties["supportsHttpsTrafficOnly"].Flag() ?? true; set => Properties["supportsHttpsTrafficOnly"] = value; }

    public bool AllowBlobPublicAccess { get => Properties["allowBlobPublicAccess"].Flag() ?? false; set => Properties["allowBlobPublicAccess"] = value; }

    /// <summary>Null, which Azure takes as true, unless somebody set it.</summary>
    public bool? AllowSharedKeyAccess { get => Properties["allowSharedKeyAccess"].Flag(); set => Properties["allowSharedKeyAccess"] = value; }

    /// <summary>The values of <c>key1</c> and <c>key2</c>.</summary>
    public IReadOnlyDictionary<string, string> Keys => _keys;

    /// <summary>Shares by name.</summary>
    public Dictionary<string, FileShare> Shares { get; } = new(StringComparer.Ordinal);

    /// <returns>The new value of the key.</returns>
    public string RegenerateKey(string name) => _keys[name] = _secrets.NextStorageKey(Name, name);

    internal override JsonObject ToJson(DateTimeOffset now)
    {
        var json = base.ToJson(now);
        var properties = (JsonObject)json["properties"]!;
        properties["accessTier"] = AccessTier;
        properties["minimumTlsVersion"] = MinimumTlsVersion;
        properties["supportsHttpsTrafficOnly"] = SupportsHttpsTrafficOnly;
        properties["allowBlobPublicAccess"] = AllowBlobPublicAccess;
        properties["primaryLocation"] = Location;
        properties["statusOfPrimary"] = "available";
        properties["creationTime"] = Created.ToString("O");
        properties["primaryEndpoints"] = new JsonObject(new[] { "blob", "file", "queue", "table", "dfs" }
            .Select(service => KeyValuePair.Create(service, (JsonNode?)$"https://{Name}.{service}.core.emu.test/")));
        return json;
    }
}
