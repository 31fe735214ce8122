using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>The login endpoint, in the form of an AD FS authority: for it, MSAL asks nobody else about instances.</summary>
internal sealed class LoginEndpoints(AzureState state, AccessTokens tokens)
{
    public void Map(EndpointMap map)
    {
        map.Map("GET", "/adfs/.well-known/openid-configuration", Configuration);
        map.Map("POST", "/adfs/oauth2/token", Token);

        // The managed identity of an App Service: the same service principal, without a secret that anybody keeps.
        map.Map("GET", "/msi/token", ManagedIdentity);
    }

    private ApiReply ManagedIdentity(ApiRequest request)
    {
        var headers = request.Http.Request.Headers;
        if (headers["secret"] != state.Secrets.ManagedIdentityHeader && headers["X-IDENTITY-HEADER"] != state.Secrets.ManagedIdentityHeader)
            return new ApiReply(401, new JsonObject { ["statusCode"] = 401, ["message"] = "The identity header is wrong." });
        var expires = (state.Now + state.Options.TokenLifetime).ToUnixTimeSeconds();
        return ApiReply.Ok(new JsonObject
        {
            ["token_type"] = "Bearer",
            ["access_token"] = tokens.Issue(state.Options.ClientId, state.Options.PrincipalId, request.Query("resource") ?? ""),
            ["resource"] = request.Query("resource"),
            ["client_id"] = state.Options.ClientId,
            ["expires_on"] = expires.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
    }

    private static ApiReply Configuration(ApiRequest request) => ApiReply.Ok(new JsonObject
    {
        ["issuer"] = $"{request.BaseUri}/adfs",
        ["authorization_endpoint"] = $"{request.BaseUri}/adfs/oauth2/authorize",
        ["token_endpoint"] = $"{request.BaseUri}/adfs/oauth2/token",
        ["device_authorization_endpoint"] = $"{request.BaseUri}/adfs/oauth2/devicecode",
    });

    private ApiReply Token(ApiRequest request)
    {
        var clientId = request.Form("client_id") ?? "";
        var principal = state.AllServicePrincipals.FirstOrDefault(known => AzureState.Same(known.AppId, clientId));
        if (principal is null)
            return Refused("unauthorized_client", 700016, $"AADSTS700016: Application with identifier '{clientId}' was not found in the directory.", 400);
        if (!IsProven(request, principal))
            return Refused("invalid_client", 7000215, $"AADSTS7000215: Invalid client secret provided for app '{clientId}'.", 401);
        var audience = (request.Form("scope") ?? request.Form("resource") ?? "").Replace("/.default", "", StringComparison.Ordinal);
        return ApiReply.Ok(new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)state.Options.TokenLifetime.TotalSeconds,
            ["ext_expires_in"] = (int)state.Options.TokenLifetime.TotalSeconds,
            ["access_token"] = tokens.Issue(principal.AppId, principal.Id, audience),
        });
    }

    private bool IsProven(ApiRequest request, GraphServicePrincipal principal)
    {
        if (request.Form("client_assertion") is { } assertion)
            return state.Options.FederatedToken is { } federated && assertion == federated;
        return request.Form("client_secret") is { } secret && state.IsSecretOf(principal.AppId, secret);
    }

    private static ApiReply Refused(string error, int code, string description, int status) => new(status, new JsonObject
    {
        ["error"] = error,
        ["error_description"] = description,
        ["error_codes"] = new JsonArray(code),
    });
}
