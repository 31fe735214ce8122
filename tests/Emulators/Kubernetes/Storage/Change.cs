using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Storage;

/// <summary>One change of one object, as watches tell it.</summary>
/// <param name="Before">The object before the change; null when it was added.</param>
/// <param name="After">The object after the change; what it was at last when it was deleted.</param>
internal sealed record Change(ResourceType Type, long ResourceVersion, JsonObject? Before, JsonObject After, bool Deleted);
