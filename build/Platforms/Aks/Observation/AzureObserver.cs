using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Observation;

/// <inheritdoc cref="IAzureObserver"/>
/// <remarks>At most eight requests, together: one round trip. What hangs on something that does not exist is answered with 404 just so.</remarks>
public sealed class AzureObserver(IAzureSession session, ISettingsProvider provider) : IAzureObserver
{
    public async Task<AzureObservation> ObserveAsync(CancellationToken cancellation)
    {
        var settings = provider.Settings;
        var paths = new AzurePaths(settings.Azure!);
        var arm = session.Arm;
        var wantsAccount = settings.Azure!.Storage.Kind == "fileShare";
        var wantsRegistry = settings.Images.Public is null;
        var usesTokens = settings.Azure.Registry.Auth == "token";

        // Once, so that eight requests do not each wait for the login.
        await session.GetAccountAsync(cancellation);

        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var group = One(paths.Group, ApiVersions.Resources, ObservedJson.Resource);
        var account = wantsAccount ? One(paths.Account, ApiVersions.Storage, ObservedJson.Storage) : Task.FromResult<ObservedStorage?>(null);
        var share = wantsAccount ? One(paths.Share, ApiVersions.Storage, ObservedJson.Share) : Task.FromResult<ObservedShare?>(null);
        var registry = wantsRegistry ? One(paths.Registry, ApiVersions.Registry, ObservedJson.Registry) : Task.FromResult<ObservedRegistry?>(null);
        var cluster = One(paths.Cluster, ApiVersions.Containers, ObservedJson.Cluster);
        var resources = All($"{paths.Group}/resources", ApiVersions.Resources, "$expand=provisioningState", ObservedJson.Resource);
        var roles = wantsRegistry
            ? All($"{paths.Registry}/providers/Microsoft.Authorization/roleAssignments", ApiVersions.Authorization, "$filter=atScope()", ObservedJson.RoleAssignment, mayBeRefused: usesTokens)
            : Task.FromResult<IReadOnlyList<ObservedRoleAssignment>>([]);
        var tokens = wantsRegistry
            ? All($"{paths.Registry}/tokens", ApiVersions.Registry, null, ObservedJson.RegistryToken, mayBeRefused: !usesTokens)
            : Task.FromResult<IReadOnlyList<ObservedRegistryToken>>([]);
        await Together.AllAsync(together, group, account, share, registry, cluster, resources, roles, tokens);

        // Role assignments are answered for a registry that does not exist too: those above it.
        var found = await registry;
        return new AzureObservation(
            await group, await account, await share, found, await cluster, await resources,
            found is null ? [] : await roles, found is null ? [] : await tokens);

        async Task<T?> One<T>(string path, string version, Func<JsonElement, T> read)
            where T : class =>
            await arm.GetAsync(path, version, together.Token) is { } json ? read(json) : null;

        // What this way into the registry does not use is read for Clean alone: who may not see it has made none of it.
        async Task<IReadOnlyList<T>> All<T>(string path, string version, string? query, Func<JsonElement, T> read, bool mayBeRefused = false)
        {
            try
            {
                return [.. (await arm.ListAsync(path, version, query, together.Token)).Select(read)];
            }
            catch (BuildException exception) when (mayBeRefused && exception.Code == ErrorCode.AzureForbidden)
            {
                return [];
            }
        }
    }
}
