using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>A tracked resource in a group: what a client put, plus what Azure adds.</summary>
public abstract class ArmResource
{
    protected ArmResource(ResourceGroup group, string type, string name, string location)
    {
        Group = group;
        Type = type;
        Name = name;
        Location = location;
    }

    public ResourceGroup Group { get; }

    /// <summary>Provider and type: <c>Microsoft.Storage/storageAccounts</c>.</summary>
    public string Type { get; }

    public string Name { get; }

    /// <summary>Short form: <c>westeurope</c>.</summary>
    public string Location { get; }

    public string Id => $"{Group.Id}/providers/{Type}/{Name}";

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    /// <summary><c>Creating</c>, <c>Updating</c>, <c>Deleting</c>, <c>Starting</c>, <c>Stopping</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Canceled</c>.</summary>
    public string ProvisioningState { get; set; } = "Succeeded";

    public string? Sku { get; set; }

    public string? Kind { get; set; }

    public string? ManagedBy { get; set; }

    /// <summary>The resource's properties as clients put them.</summary>
    public JsonObject Properties { get; set; } = [];

    public DateTimeOffset Created { get; internal set; }

    internal bool IsSettled => ProvisioningState is "Succeeded" or "Failed" or "Canceled";

    /// <summary>The resource as its provider shows it.</summary>
    internal virtual JsonObject ToJson(DateTimeOffset now)
    {
        var json = Summary();
        var properties = Properties.Copy();
        properties["provisioningState"] = ProvisioningState;
        json["properties"] = properties;
        return json;
    }

    /// <summary>The resource as lists of all kinds show it.</summary>
    internal virtual JsonObject Summary()
    {
        var json = new JsonObject { ["id"] = Id, ["name"] = Name, ["type"] = Type, ["location"] = Location, ["tags"] = Tags.ToJson() };
        if (Sku is not null)
            json["sku"] = new JsonObject { ["name"] = Sku, ["tier"] = Sku.Split('_')[0] };
        if (Kind is not null)
            json["kind"] = Kind;
        if (ManagedBy is not null)
            json["managedBy"] = ManagedBy;
        return json;
    }

    public override string ToString() => $"{Id} {ProvisioningState}";
}
