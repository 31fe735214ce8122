using System.Text.Json;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether a name that is unique in all of Azure is still free.</summary>
public static class NameCheck
{
    /// <param name="kind">"storage account".</param>
    /// <param name="key">Of the configuration.</param>
    /// <param name="answer">Of checkNameAvailability.</param>
    public static Finding Judge(string kind, string name, string key, JsonElement? answer)
    {
        var subject = $"name of {kind} {name}";
        if (answer?.Flag("nameAvailable") is not { } isFree)
            return new Finding(FindingSeverity.Warning, subject, "Azure did not say whether it is free");
        if (isFree)
            return new Finding(FindingSeverity.Good, subject, "free");
        var words = answer.Value.Text("message") ?? answer.Value.Text("reason") ?? "not available";
        return new Finding(
            FindingSeverity.Error, subject, words.TrimEnd('.'),
            $"set {key} to another name; where it is your own in another resource group, set azure.resourceGroup to that");
    }
}
