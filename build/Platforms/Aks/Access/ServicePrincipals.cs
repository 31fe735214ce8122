using System.Globalization;
using System.Text.Json;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Arm;
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

    private bool _isDirectoryOurs;

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
        var appId = (await ApplicationAsync(names, cancellation))?.AppId ?? await CreateAsync(names, cancellation);
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

    /// <summary>For Clean: every application with our mark, also under a name that is no longer configured.</summary>
    /// <exception cref="BuildException">AMB3002: the directory does not let itself be asked. AMB3001: az is set to another directory.</exception>
    internal async Task<IReadOnlyList<OwnApplication>> OursAsync(AzureNames names, CancellationToken cancellation)
    {
        var list = await ReadAsync(names, new AzCommand("ad", "app", "list", "--filter", $"tags/any(t:t eq '{Marks(names)[0]}')"), cancellation);
        List<OwnApplication> ours = [];
        foreach (var application in list.EnumerateArray().Where(each => HasMark(each, names)))
        {
            var appId = application.GetProperty("appId").GetString()!;
            ours.Add(new OwnApplication(appId, application.GetProperty("displayName").GetString()!, await ObjectIdAsync(appId, cancellation)));
        }

        return ours;
    }

    /// <summary>The passwords of our application: only what may be known of them.</summary>
    internal async Task<IReadOnlyList<PullPassword>> PasswordsAsync(AzureNames names, string appId, CancellationToken cancellation)
    {
        var list = await ReadAsync(names, new AzCommand("ad", "app", "credential", "list", "--id", appId), cancellation);
        return [.. list.EnumerateArray().Select(each => new PullPassword(each.Text("hint"), DateTimeOffset.TryParse(
            each.Text("endDateTime"), CultureInfo.InvariantCulture, out var until) ? until : null))];
    }

    /// <summary>Removes the application registration and with it the service principal.</summary>
    internal Task RemoveAsync(AzureNames names, string appId, CancellationToken cancellation) =>
        writer.RunAsync(names, null, new AzCommand("ad", "app", "delete", "--id", appId), cancellation);

    /// <summary>A directory is for many subscriptions, and another of them may have a deployment of the same name.</summary>
    private static string[] Marks(AzureNames names) =>
    [
        $"{ObservedResource.OwnerTag}={names.ServiceName}",
        $"ambrosia-group={names.Subscription}/{names.Azure.ResourceGroup}".ToLowerInvariant(),
    ];

    /// <summary>
    /// In one request with its mark: az ad app create knows no tags, and what a run makes and is then interrupted at must be known as ours by the
    /// next. The body comes by standard input: az.cmd would not let its quotes through.
    /// </summary>
    private async Task<string> CreateAsync(AzureNames names, CancellationToken cancellation)
    {
        var endpoint = await az.QueryAsync(new AzCommand("cloud", "show", "--query", "endpoints.microsoftGraphResourceId"), cancellation);
        var graph = endpoint.GetString()!.TrimEnd('/');
        var created = await RunAsync(
            names,
            new AzCommand("rest", "--method", "post", "--url", $"{graph}/v1.0/applications", "--resource", $"{graph}/", "--body", "@-")
            {
                StandardInput = JsonSerializer.Serialize(
                    new { displayName = names.ServicePrincipalName, signInAudience = "AzureADMyOrg", tags = Marks(names) }),
            },
            cancellation);
        return created.GetProperty("appId").GetString()!;
    }

    /// <summary>az ad has no --subscription: it asks the directory of whichever subscription az is set to.</summary>
    private async Task RequireDirectoryAsync(AzureNames names, CancellationToken cancellation)
    {
        if (_isDirectoryOurs)
            return;
        var list = await az.QueryAsync(new AzCommand("account", "list", "--all"), cancellation);
        var accounts = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        var ours = accounts.Find(each => string.Equals(each.Text("id"), names.Subscription, StringComparison.OrdinalIgnoreCase)).Text("tenantId");
        var current = accounts.Find(each => each.Flag("isDefault") == true).Text("tenantId");
        if (ours is not null && !string.Equals(ours, current, StringComparison.OrdinalIgnoreCase))
        {
            throw new BuildException(
                ErrorCode.AzureLoginFailed,
                $"az is set to a subscription of directory {current}, and {names.Subscription} belongs to directory {ours}: an application would be looked for, and made, in the wrong one.",
                remedy: $"az account set --subscription {names.Subscription}");
        }

        _isDirectoryOurs = true;
    }

    /// <summary>Asks the directory.</summary>
    private async Task<JsonElement> ReadAsync(AzureNames names, AzCommand command, CancellationToken cancellation)
    {
        await RequireDirectoryAsync(names, cancellation);
        try
        {
            return await az.QueryAsync(command, cancellation);
        }
        catch (BuildException exception) when (exception.Code == ErrorCode.ToolFailed)
        {
            var refusal = AzureRefusal.Of(exception.Message);
            if (refusal.Code != ErrorCode.AzureForbidden)
                throw;
            throw new BuildException(
                refusal.Code, "The directory does not let this login look at its application registrations.", refusal.Cause, refusal.Remedy,
                inner: exception);
        }
    }

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
        var list = await ReadAsync(names, new AzCommand("ad", "app", "list", "--display-name", names.ServicePrincipalName), cancellation);
        var applications = list.EnumerateArray()
            .Where(each => each.GetProperty("displayName").GetString() == names.ServicePrincipalName)
            .Select(each => (AppId: each.GetProperty("appId").GetString()!, IsOurs: HasMark(each, names)))
            .OrderBy(application => application.AppId, StringComparer.Ordinal).ToList();
        if (applications.Count == 0)
            return null;
        var ours = applications.FindIndex(application => application.IsOurs);
        return applications[Math.Max(ours, 0)];
    }

    private static bool HasMark(JsonElement application, AzureNames names) =>
        application.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
        && Marks(names).All(mark => tags.EnumerateArray().Any(tag => tag.GetString() == mark));

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
