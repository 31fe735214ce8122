using System.Text.Json;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether the subscription knows the kinds of resources that are to be made: Azure/azure-cli#6595, #21899.</summary>
public static class ProviderCheck
{
    /// <summary>The resource providers of what is still to be made.</summary>
    public static IReadOnlyList<string> Needed(BuildSettings settings, AzureObservation observation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observation);
        var needed = new List<string>();
        if (observation.Cluster is null)
            needed.AddRange(["Microsoft.ContainerService", "Microsoft.Compute", "Microsoft.Network"]);
        if (observation.Storage is null && settings.Azure!.Storage.Kind == "fileShare")
            needed.Add("Microsoft.Storage");
        if (observation.Registry is null && settings.Images.Public is null)
            needed.Add("Microsoft.ContainerRegistry");
        return needed;
    }

    /// <param name="provider">ARM's answer; null where it knows no such provider.</param>
    public static Finding Judge(string name, JsonElement? provider, string subscription)
    {
        var subject = $"resource provider {name}";
        var state = provider?.Text("registrationState");
        if (string.Equals(state, "Registered", StringComparison.OrdinalIgnoreCase))
            return new Finding(FindingSeverity.Good, subject, "registered");
        var remedy = $"az provider register --namespace {name} --wait --subscription {subscription}";
        return string.Equals(state, "Registering", StringComparison.OrdinalIgnoreCase)
            ? new Finding(FindingSeverity.Warning, subject, "is being registered, which takes some minutes", remedy)
            : new Finding(FindingSeverity.Error, subject, "not registered in this subscription, so nothing of its kind can be made", remedy);
    }
}
