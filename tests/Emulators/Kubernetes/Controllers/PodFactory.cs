using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>Makes pods from the template of their owner.</summary>
internal static class PodFactory
{
    public static JsonObject Create(JsonObject owner, ResourceType type, string name, JsonObject template)
    {
        var metadata = (template["metadata"] as JsonObject ?? []).Copy();
        metadata.Remove("creationTimestamp");
        metadata["name"] = name;
        metadata["namespace"] = owner.Namespace();
        metadata["ownerReferences"] = new JsonArray(OwnerReference(owner, type));
        return new JsonObject { ["metadata"] = metadata, ["spec"] = template["spec"]!.DeepClone() };
    }

    public static JsonObject OwnerReference(JsonObject owner, ResourceType type, bool controller = true) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = controller,
        ["blockOwnerDeletion"] = true,
    };
}
