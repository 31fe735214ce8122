using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>The secrets of an application or a service principal, by key id.</summary>
internal sealed class PasswordCredentials
{
    private readonly Dictionary<string, JsonObject> _details = [];

    public Dictionary<string, string> Values { get; } = [];

    public JsonArray ToJson() => new([.. _details.Values.Select(details => details.DeepClone())]);

    public JsonObject Details(string keyId) => _details[keyId];

    public string Add(string secret, string displayName, DateTimeOffset from, DateTimeOffset until)
    {
        var keyId = Guid.NewGuid().ToString();
        Values[keyId] = secret;
        _details[keyId] = new JsonObject
        {
            ["keyId"] = keyId,
            ["displayName"] = displayName,
            ["hint"] = secret[..3],
            ["startDateTime"] = from.ToString("O"),
            ["endDateTime"] = until.ToString("O"),
        };
        return keyId;
    }

    /// <returns>Whether there was one.</returns>
    public bool Remove(string keyId) => _details.Remove(keyId) & Values.Remove(keyId);

    public void Clear()
    {
        _details.Clear();
        Values.Clear();
    }
}
