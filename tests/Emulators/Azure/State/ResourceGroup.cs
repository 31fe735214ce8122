using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

public sealed class ResourceGroup
{
    internal ResourceGroup(string subscriptionId, string name, string location)
    {
        SubscriptionId = subscriptionId;
        Name = name;
        Location = location;
    }

    public string SubscriptionId { get; }

    public string Name { get; }

    public string Location { get; }

    public string Id => $"/subscriptions/{SubscriptionId}/resourceGroups/{Name}";

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    /// <summary><c>Succeeded</c> or <c>Deleting</c>.</summary>
    public string ProvisioningState { get; set; } = "Succeeded";

    /// <summary>The cluster that a node resource group belongs to.</summary>
    public string? ManagedBy { get; set; }

    internal JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["name"] = Name,
            ["type"] = "Microsoft.Resources/resourceGroups",
            ["location"] = Location,
            ["tags"] = Tags.ToJson(),
            ["properties"] = new JsonObject { ["provisioningState"] = ProvisioningState },
        };
        if (ManagedBy is not null)
            json["managedBy"] = ManagedBy;
        return json;
    }
}
