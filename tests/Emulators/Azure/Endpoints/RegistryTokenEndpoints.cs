using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>The registry's own token endpoints: an access token of the directory becomes one of the registry.</summary>
internal sealed class RegistryTokenEndpoints(AzureState state, AccessTokens tokens)
{
    public void Map(EndpointMap map)
    {
        map.Map("POST", "/oauth2/exchange", Exchange);
        map.Map("GET", "/v2/", Challenge);
    }

    private ApiReply Exchange(ApiRequest request)
    {
        if (!tokens.IsGood(request.Form("access_token")))
            return new ApiReply(401, Error("UNAUTHORIZED", "authentication required"));
        return ApiReply.Ok(new JsonObject
        {
            ["refresh_token"] = state.Secrets.NextToken(SecretKind.RegistryRefreshToken, request.Form("service") ?? "", new JsonObject
            {
                ["aud"] = request.Form("service"),
                ["iss"] = "Azure Container Registry",
                ["exp"] = state.Now.AddHours(3).ToUnixTimeSeconds(),
                ["iat"] = state.Now.ToUnixTimeSeconds(),
                ["tenant"] = state.Options.TenantId,
            }.ToJsonString()),
        });
    }

    private ApiReply Challenge(ApiRequest request)
    {
        return new ApiReply(401, Error("UNAUTHORIZED", "authentication required"))
        {
            Headers = new Dictionary<string, string>
            {
                ["WWW-Authenticate"] = $"Bearer realm=\"{request.BaseUri}/oauth2/token\",service=\"{request.Http.Request.Host}\"",
                ["Docker-Distribution-Api-Version"] = "registry/2.0",
            },
        };
    }

    private static JsonObject Error(string code, string message) => new() { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };
}
