using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <param name="name">3 to 63 lower-case letters, digits and hyphens.</param>
public sealed class FileShare(string name)
{
    private readonly string _etag = $"\"0x{Guid.NewGuid():N}\"";

    public string Name { get; } = name;

    /// <summary>GiB.</summary>
    public int Quota { get; set; } = 5120;

    internal JsonObject ToJson(StorageAccount account) => new()
    {
        ["id"] = $"{account.Id}/fileServices/default/shares/{Name}",
        ["name"] = Name,
        ["type"] = "Microsoft.Storage/storageAccounts/fileServices/shares",
        ["etag"] = _etag,
        ["properties"] = new JsonObject { ["shareQuota"] = Quota, ["accessTier"] = "TransactionOptimized", ["enabledProtocols"] = "SMB" },
    };
}
