using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>The registry's own tokens: a refresh token stands for who logged in, an access token for what may be done.</summary>
internal sealed class RegistryAccess(AzureState state)
{
    /// <summary>The user name under which docker brings a refresh token.</summary>
    public const string RefreshUser = "00000000-0000-0000-0000-000000000000";

    /// <summary>As long as Azure's (Azure/acr#191).</summary>
    private static readonly TimeSpan RefreshLifetime = TimeSpan.FromHours(3);

    private static readonly TimeSpan AccessLifetime = TimeSpan.FromMinutes(75);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _refresh = new();
    private readonly ConcurrentDictionary<string, (DateTimeOffset Expires, IReadOnlySet<string> Grants)> _access = new();

    public string IssueRefreshToken(string service)
    {
        var expires = state.Now + RefreshLifetime;
        var token = state.Secrets.NextToken(SecretKind.RegistryRefreshToken, service, Claims(service, expires).ToJsonString());
        _refresh[token] = expires;
        return token;
    }

    public bool IsGoodRefreshToken(string? token) => token is not null && _refresh.TryGetValue(token, out var expires) && state.Now < expires;

    /// <summary>An access token for what of the wanted scopes (<c>repository:NAME:pull,push</c>) <paramref name="allows"/> lets through.</summary>
    public string IssueAccessToken(string service, IEnumerable<string> scopes, Func<string, string, bool> allows)
    {
        var grants = scopes.SelectMany(scope => scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)).SelectMany(scope =>
        {
            // A name may hold a colon only as part of a host, so the last one parts the actions.
            var (first, last) = (scope.IndexOf(':', StringComparison.Ordinal), scope.LastIndexOf(':'));
            if (first < 0 || last <= first)
                return [];
            var name = scope[..first] == "registry" ? "registry:" + scope[(first + 1)..last] : scope[(first + 1)..last];
            return scope[(last + 1)..].Split(',').Where(action => allows(name, action)).Select(action => $"{name}:{action}");
        }).ToHashSet();
        var expires = state.Now + AccessLifetime;
        var token = state.Secrets.NextToken(SecretKind.RegistryAccessToken, service, Claims(service, expires).ToJsonString());
        _access[token] = (expires, grants);
        return token;
    }

    /// <summary>Whether an access token lets that be done; without a repository, whether it is good at all.</summary>
    public bool Allows(string? token, string? repository, string action) =>
        token is not null && _access.TryGetValue(token, out var access) && state.Now < access.Expires
        && (repository is null || access.Grants.Contains($"{repository}:{action}") || access.Grants.Contains($"{repository}:*"));

    /// <summary>What a user name and password may do; null where they are wrong. Called with the state's gate held.</summary>
    public Func<string, string, bool>? Rights(string user, string password)
    {
        if (user == RefreshUser)
            return IsGoodRefreshToken(password) ? RightsOfCaller : null;
        foreach (var registry in state.AllResources.OfType<ContainerRegistry>())
        {
            if (registry.AdminUserEnabled && AzureState.Same(registry.Name, user) && registry.AdminPasswords.Contains(password))
                return (_, _) => true;
            if (registry.Tokens.TryGetValue(user, out var token) && token.Passwords.ContainsValue(password))
                return token.Status == "enabled" ? RightsOf(registry, token) : null;
        }
        return state.IsSecretOf(user, password) ? RightsOf(user) : null;
    }

    /// <summary>Who logged in through Resource Manager may do all that was not taken from it.</summary>
    public bool RightsOfCaller(string repository, string action) => !state.IsDenied(action == "pull"
        ? "Microsoft.ContainerRegistry/registries/pull/read"
        : "Microsoft.ContainerRegistry/registries/push/write");

    private static Func<string, string, bool> RightsOf(ContainerRegistry registry, RegistryToken token)
    {
        var map = token.ScopeMapId[(token.ScopeMapId.LastIndexOf('/') + 1)..];
        var actions = registry.ScopeMaps.TryGetValue(map, out var scopeMap) ? scopeMap.Actions : BuiltInActions(map);
        return (repository, action) => Operations(action).All(operation =>
            actions.Contains($"repositories/{repository}/{operation}") || actions.Contains($"repositories/*/{operation}"));
    }

    private static string[] BuiltInActions(string map) => map switch
    {
        "_repositories_pull" => ["repositories/*/content/read"],
        "_repositories_push" => ["repositories/*/content/read", "repositories/*/content/write"],
        "_repositories_admin" => ["repositories/*/content/read", "repositories/*/content/write", "repositories/*/content/delete"],
        _ => [],
    };

    private static string[] Operations(string action) => action switch
    {
        "pull" => ["content/read"],
        "push" => ["content/write"],
        "delete" => ["content/delete"],
        _ => ["metadata/" + action],
    };

    /// <summary>A service principal's roles at a registry, or above it.</summary>
    private Func<string, string, bool> RightsOf(string appId)
    {
        var principal = state.AllServicePrincipals.FirstOrDefault(known => AzureState.Same(known.AppId, appId))?.Id;
        var roles = state.AllRoleAssignments.Where(assignment => AzureState.Same(assignment.PrincipalId, principal)
            && state.AllResources.OfType<ContainerRegistry>().Any(registry =>
                AzureState.Same(assignment.Scope, registry.Id) || registry.Id.StartsWith(assignment.Scope + "/", StringComparison.OrdinalIgnoreCase)))
            .Select(assignment => assignment.Role.Name).ToHashSet();
        var mayPush = roles.Overlaps(["AcrPush", "Contributor", "Owner"]);
        return (_, action) => mayPush || (action == "pull" && roles.Contains("AcrPull"));
    }

    private static JsonObject Claims(string service, DateTimeOffset expires) => new()
    {
        ["iss"] = "Azure Container Registry",
        ["aud"] = service,
        ["exp"] = expires.ToUnixTimeSeconds(),
    };
}
