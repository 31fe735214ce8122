using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.State;

public sealed class ScopeMap(string name)
{
    public string Name { get; } = name;

    public string Description { get; set; } = "";

    /// <summary><c>repositories/NAME/content/read</c> and the like.</summary>
    public IReadOnlyList<string> Actions { get; set; } = [];

    internal JsonObject ToJson(ContainerRegistry registry) => new()
    {
        ["id"] = $"{registry.Id}/scopeMaps/{Name}",
        ["name"] = Name,
        ["type"] = "Microsoft.ContainerRegistry/registries/scopeMaps",
        ["properties"] = new JsonObject
        {
            ["description"] = Description,
            ["type"] = "UserDefined",
            ["actions"] = new JsonArray([.. Actions.Select(action => JsonValue.Create(action))]),
            ["provisioningState"] = "Succeeded",
        },
    };
}
