using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Apply;

/// <summary>Who changes an object: an entry of metadata.managedFields without its fields.</summary>
/// <param name="Operation">Apply or Update.</param>
internal sealed record FieldManager(string Name, string Operation, string ApiVersion, string Subresource = "")
{
    public static FieldManager Of(JsonNode entry) => new(
        entry.Text("manager") ?? "",
        entry.Text("operation") ?? "",
        entry.Text("apiVersion") ?? "",
        entry.Text("subresource") ?? "");

    /// <summary>As a conflict names the manager.</summary>
    public string Describe(string? time)
    {
        var text = $"\"{Name}\"";
        if (Subresource.Length > 0)
            text += $" with subresource \"{Subresource}\"";
        if (Operation == "Update")
            text += $" using {ApiVersion}" + (time is null ? "" : $" at {time}");
        return text;
    }
}
