using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>An application in the directory.</summary>
public sealed class GraphApplication
{
    internal GraphApplication(string displayName) => DisplayName = displayName;

    public string Id { get; } = Guid.NewGuid().ToString();

    public string AppId { get; internal init; } = Guid.NewGuid().ToString();

    public string DisplayName { get; internal set; }

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Secrets by key id.</summary>
    public IReadOnlyDictionary<string, string> Passwords => Credentials.Values;

    internal PasswordCredentials Credentials { get; } = new();

    internal JsonObject Body { get; set; } = [];

    internal JsonObject ToJson()
    {
        var json = Body.Copy();
        json["id"] = Id;
        json["appId"] = AppId;
        json["displayName"] = DisplayName;
        json["identifierUris"] ??= new JsonArray();
        json["keyCredentials"] ??= new JsonArray();
        json["tags"] = new JsonArray([.. Tags.Select(tag => JsonValue.Create(tag))]);
        json["passwordCredentials"] = Credentials.ToJson();
        return json;
    }
}
