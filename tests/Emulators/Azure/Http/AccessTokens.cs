using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>Access tokens for Resource Manager and Graph that are still good.</summary>
internal sealed class AccessTokens(AzureEmulatorOptions options, SentinelSecrets secrets)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _expiry = new();

    public string Issue(string appId, string objectId, string audience)
    {
        var now = options.Clock.GetUtcNow();
        var expires = now + options.TokenLifetime;
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{options.TenantId}/",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["tid"] = options.TenantId,
            ["oid"] = objectId,
            ["sub"] = objectId,
            ["appid"] = appId,
            ["idtyp"] = "app",
        };
        var token = secrets.NextToken(SecretKind.AccessToken, appId, claims.ToJsonString());
        _expiry[token] = expires;
        return token;
    }

    public bool IsGood(string? token) => token is not null && _expiry.TryGetValue(token, out var expires) && options.Clock.GetUtcNow() < expires;

    public bool IsKnown(string token) => _expiry.ContainsKey(token);

    public void ExpireAll()
    {
        foreach (var token in _expiry.Keys)
            _expiry[token] = DateTimeOffset.MinValue;
    }

    public static string? Bearer(string? header) =>
        header is not null && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : null;
}
