using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>Azure Container Registry: pushed to with a token of the login's, which az trades for one of the registry's.</summary>
public sealed class AcrAccess(
    IAzureSession session, AzCli az, AcrTokenExchange exchange, ISettingsProvider provider, ISecretMask mask, IPullCredentials pull) : IRegistryAccess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private string? _server;

    private BuildSettings Settings => provider.Settings;

    /// <remarks>
    /// As the registry itself says, which is asked once; before it is made, what its name comes to in this cloud. (Registries with a domain name
    /// label differ.)
    /// </remarks>
    public async Task<string?> ServerAsync(CancellationToken cancellation)
    {
        if (Settings.Images.Public is not null)
            return null;
        if (_server is { } known)
            return known;
        var azure = Settings.Azure!;
        if (await session.Arm.GetAsync(new AzurePaths(azure).Registry, ApiVersions.Registry, cancellation) is { } json
            && ObservedJson.Registry(json).LoginServer is { Length: > 0 } server)
            return _server = server;
        var cloud = await session.GetCloudAsync(cancellation);
        return $"{azure.Registry.Name.ToLowerInvariant()}.{cloud.RegistrySuffix ?? "azurecr.io"}";
    }

    public async Task<RegistryLogin?> PushLoginAsync(CancellationToken cancellation)
    {
        if (Settings.Images.Public is not null)
            return null;
        var azure = Settings.Azure!;
        try
        {
            // Without docker: its credential store on Windows cannot hold a token as long as this, Azure/azure-cli#4843.
            var answer = await az.QueryAsync(
                new AzCommand("acr", "login", "--name", azure.Registry.Name, "--expose-token", "--subscription", azure.Subscription)
                {
                    Timeout = Limit,
                },
                cancellation);
            var token = answer.Text("accessToken");
            if (token is not null)
                mask.Add(token);
            if (token is null || answer.Text("loginServer") is not { } server)
                throw new BuildException(ErrorCode.RegistryLoginFailed, $"az acr login answered without a token for registry {azure.Registry.Name}.");
            return new RegistryLogin(server, answer.Text("username") is { Length: > 0 } user ? user : AcrTokenExchange.TokenUser, token);
        }
        catch (BuildException exception) when (exception.Code == ErrorCode.ToolFailed)
        {
            throw new BuildException(
                ErrorCode.RegistryLoginFailed, $"There is no login for a push to registry {azure.Registry.Name}.", exception.Message,
                $"the login needs the role AcrPush there (Contributor has it): az acr check-health --name {azure.Registry.Name} --subscription {azure.Subscription} --yes");
        }
    }

    public async Task<RegistryLogin?> ReadLoginAsync(CancellationToken cancellation) =>
        await ServerAsync(cancellation) is { } server
            ? await exchange.TryLoginAsync(server, cancellation) ?? await PushLoginAsync(cancellation)
            : null;

    public Task<RegistryLogin?> PullLoginAsync(CancellationToken cancellation) => pull.GetAsync(cancellation);
}
