using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>Why <c>az account show --subscription</c> failed.</summary>
internal enum AccountFailure
{
    NotLoggedIn,

    /// <summary>Logged in, but not to this subscription.</summary>
    UnknownSubscription,

    Other,
}

/// <summary>Reads what az answers about its login.</summary>
internal static class AzAnswers
{
    public static AccountFailure Classify(string error)
    {
        if (error.Contains("az login", StringComparison.OrdinalIgnoreCase) && !error.Contains("subscription", StringComparison.OrdinalIgnoreCase))
            return AccountFailure.NotLoggedIn;
        if (error.Contains("subscription", StringComparison.OrdinalIgnoreCase)
            && (error.Contains("not found", StringComparison.OrdinalIgnoreCase) || error.Contains("doesn't exist", StringComparison.OrdinalIgnoreCase)))
            return AccountFailure.UnknownSubscription;
        return AccountFailure.Other;
    }

    public static AzureAccount Account(JsonElement answer) => new(
        answer.Text("id") ?? throw Incomplete("account show", "id"),
        answer.Text("name") ?? "",
        answer.Text("tenantId") ?? throw Incomplete("account show", "tenantId"),
        answer.Text("user", "name") ?? "",
        answer.Text("user", "type") ?? "",
        answer.Text("environmentName") ?? "");

    public static AzureCloud Cloud(JsonElement answer)
    {
        var manager = answer.Text("endpoints", "resourceManager") ?? throw Incomplete("cloud show", "endpoints.resourceManager");
        return new AzureCloud(
            Slashed(manager),
            answer.Text("endpoints", "activeDirectoryResourceId") ?? manager,
            Slashed(answer.Text("endpoints", "microsoftGraphResourceId") ?? "https://graph.microsoft.com/"),
            "file." + (answer.Text("suffixes", "storageEndpoint") ?? "core.windows.net"),
            answer.Text("suffixes", "acrLoginServerEndpoint")?.TrimStart('.'));
    }

    private static Uri Slashed(string address) => new(address.TrimEnd('/') + "/");

    private static BuildException Incomplete(string command, string key) => new(
        ErrorCode.ToolFailed, $"az {command} answered without {key}.", remedy: "update the Azure CLI: az upgrade");
}
