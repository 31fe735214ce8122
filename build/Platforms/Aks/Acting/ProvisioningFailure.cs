using System.Text.Json;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>From a resource that ended in Failed to words for a person. Pure.</summary>
internal static class ProvisioningFailure
{
    public static BuildException Of(string name, string id, string subscription, JsonElement resource)
    {
        var message = Message(resource);
        var refusal = AzureRefusal.Of(message ?? "");
        return new BuildException(
            ErrorCode.AzureOperationFailed, $"The {name} ended in the state {ResourceWatch.StateOf(resource)}.",
            refusal.Cause,
            refusal.Remedy ?? "run again: it is repaired, or made anew where it never came up. Azure tells why it failed in its activity log: "
                + $"az monitor activity-log list --resource-id {id} --status Failed --offset 1d --subscription {subscription}", message);
    }

    /// <summary>
    /// Where an answer carries the error: properties.status.provisioningError (code, message). AKS gives it in newer versions of its API than the
    /// one that is asked here, which all clouds have; then there is none, and the activity log tells.
    /// </summary>
    private static string? Message(JsonElement resource)
    {
        if (!resource.TryGetProperty("properties", out var properties)
            || !properties.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object
            || !status.TryGetProperty("provisioningError", out var error) || error.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var code = error.TryGetProperty("code", out var value) ? value.GetString() : null;
        var text = error.TryGetProperty("message", out var message) ? message.GetString() : null;
        return code is null ? text : $"({code}) {text}";
    }
}
