using System.Text.Json;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>
/// The service principal of <c>registry.auth: servicePrincipal</c>: given from outside, or made here. Always by application id: names such as
/// <c>http://…</c> are gone since az moved to Graph (Azure/azure-cli#19892, #20851), and a display name need not be unique.
/// </summary>
public sealed class ServicePrincipals(AzCli az, AzureWriter writer, Func<string, string?> environment)
{
    public const string ClientIdVariable = "AMBROSIA_PULL_CLIENT_ID";

    public const string ClientSecretVariable = "AMBROSIA_PULL_CLIENT_SECRET";

    /// <summary>Id and secret came through the environment.</summary>
    public bool IsGiven => Given() is not null;

    /// <summary>What there is of it; null when it is to be made.</summary>
    /// <exception cref="BuildException">AMB3003: an application of that name is not ours. AMB1013: only one of the two variables is given.</exception>
    public async Task<PullPrincipal?> FindAsync(AzureNames names, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (Given() is { } given)
            return new PullPrincipal(given.ClientId, null);
        if (await ApplicationAsync(names, cancellation) is not { } application)
            return null;
        if (!application.IsOurs)
        {
            throw new BuildException(
                ErrorCode.PlanConflict,
                $"An application registration named {names.ServicePrincipalName} was made by somebody else; nothing was changed.",
                remedy: $"choose another name in azure.registry.servicePrincipalName, or give its id and secret in {ClientIdVariable} and {ClientSecretVariable}");
        }

        var objectId = await ObjectIdAsync(application.AppId, cancellation);
        return objectId is null ? null : new PullPrincipal(application.AppId, objectId);
    }

    /// <summary>The one that exists, or a new one; continues what an interrupted run began.</summary>
    public async Task<PullPrincipal> EnsureAsync(AzureNames names, CancellationToken cancellation)
    {
        if (await FindAsync(names, cancellation) is { } found)
            return found;
        var appId = (await ApplicationAsync(names, cancellation))?.AppId;
        if (appId is null)
        {
            var created = await RunAsync(names, new AzCommand("ad", "app", "create", "--display-name", names.ServicePrincipalName), cancellation);
            appId = created.GetProperty("appId").GetString()!;
            await RunAsync(names, new AzCommand("ad", "app", "update", "--id", appId, "--set", $"tags=[\"{Mark(names)}\"]"), cancellation);
        }

        var principal = await RunAsync(names, new AzCommand("ad", "sp", "create", "--id", appId), cancellation);
        return new PullPrincipal(appId, principal.GetProperty("id").GetString()!);
    }

    /// <summary>User name and password for the pull Secret: the given ones, or a new password of ours.</summary>
    public async Task<(string User, string Password)> PasswordAsync(AzureNames names, CancellationToken cancellation)
    {
        if (Given() is { } given)
            return given;
        var principal = await FindAsync(names, cancellation) ?? throw new BuildException(
            ErrorCode.AzureRequestFailed, $"The service principal {names.ServicePrincipalName} does not exist.", remedy: "./build.sh --target=ProvisionAks");
        var reset = await RunAsync(
            names, new AzCommand("ad", "app", "credential", "reset", "--id", principal.AppId, "--display-name", "ambrosia"), cancellation);
        return (principal.AppId, reset.GetProperty("password").GetString()!);
    }

    /// <summary>Our application, for Clean; null when there is none of ours.</summary>
    internal async Task<string?> OursAsync(AzureNames names, CancellationToken cancellation) =>
        await ApplicationAsync(names, cancellation) is { IsOurs: true } application ? application.AppId : null;

    /// <summary>Removes the application registration and with it the service principal.</summary>
    internal Task RemoveAsync(AzureNames names, string appId, CancellationToken cancellation) =>
        writer.RunAsync(names, null, new AzCommand("ad", "app", "delete", "--id", appId), cancellation);

    private static string Mark(AzureNames names) => $"{ObservedResource.OwnerTag}={names.ServiceName}";

    private (string ClientId, string Secret)? Given()
    {
        var id = environment(ClientIdVariable);
        var secret = environment(ClientSecretVariable);
        if (string.IsNullOrEmpty(id) && string.IsNullOrEmpty(secret))
            return null;
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret))
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue, $"Only one of {ClientIdVariable} and {ClientSecretVariable} is set.",
                remedy: "set both for a service principal that was made beforehand, or neither");
        }

        return (id, secret);
    }

    private async Task<(string AppId, bool IsOurs)?> ApplicationAsync(AzureNames names, CancellationToken cancellation)
    {
        // --display-name finds every name that begins so.
        var list = await az.QueryAsync(new AzCommand("ad", "app", "list", "--display-name", names.ServicePrincipalName), cancellation);
        var applications = list.EnumerateArray()
            .Where(each => each.GetProperty("displayName").GetString() == names.ServicePrincipalName)
            .Select(each => (AppId: each.GetProperty("appId").GetString()!, IsOurs: HasMark(each, names)))
            .ToList();
        if (applications.Count == 0)
            return null;
        var ours = applications.FindIndex(application => application.IsOurs);
        return applications[Math.Max(ours, 0)];
    }

    private static bool HasMark(JsonElement application, AzureNames names) =>
        application.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
        && tags.EnumerateArray().Any(tag => tag.GetString() == Mark(names));

    internal async Task<string?> ObjectIdAsync(string appId, CancellationToken cancellation)
    {
        var list = await az.QueryAsync(new AzCommand("ad", "sp", "list", "--filter", $"appId eq '{appId}'"), cancellation);
        return list.EnumerateArray().Select(each => each.GetProperty("id").GetString()).FirstOrDefault();
    }

    private async Task<JsonElement> RunAsync(AzureNames names, AzCommand command, CancellationToken cancellation)
    {
        var result = await writer.RunAsync(names, null, command, cancellation);
        if (string.IsNullOrWhiteSpace(result.StandardOutput))
            return default;
        using var document = JsonDocument.Parse(result.StandardOutput);
        return document.RootElement.Clone();
    }
}
