using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>The registry's own token endpoints, apart from the directory's: what <c>az acr login</c> and docker ask.</summary>
internal sealed class RegistryTokenEndpoints(AccessTokens tokens, RegistryAccess access)
{
    public void Map(EndpointMap map)
    {
        map.Map("POST", "/oauth2/exchange", Exchange);
        map.Map("POST", "/oauth2/token", PostToken);
        map.Map("GET", "/oauth2/token", GetToken);
    }

    private ApiReply Exchange(ApiRequest request) => tokens.IsGood(request.Form("access_token"))
        ? ApiReply.Ok(new JsonObject { ["refresh_token"] = access.IssueRefreshToken(request.Form("service") ?? "") })
        : Unauthorized();

    private ApiReply PostToken(ApiRequest request)
    {
        var fields = QueryHelpers.ParseQuery(request.Text);
        var rights = request.Form("grant_type") == "password"
            ? access.Rights(request.Form("username") ?? "", request.Form("password") ?? "")
            : access.Rights(RegistryAccess.RefreshUser, request.Form("refresh_token") ?? "");
        return Issue(rights, request.Form("service"), fields.TryGetValue("scope", out var scopes) ? scopes.OfType<string>() : []);
    }

    /// <summary>Docker's way: user name and password in the header.</summary>
    private ApiReply GetToken(ApiRequest request)
    {
        var header = request.Http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return Unauthorized();
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2);
        var rights = pair.Length == 2 ? access.Rights(pair[0], pair[1]) : null;
        return Issue(rights, request.Query("service"), request.Http.Request.Query["scope"].OfType<string>());
    }

    private ApiReply Issue(Func<string, string, bool>? rights, string? service, IEnumerable<string> scopes)
    {
        if (rights is null)
            return Unauthorized();
        var token = access.IssueAccessToken(service ?? "", scopes, rights);
        return ApiReply.Ok(new JsonObject { ["access_token"] = token, ["token"] = token, ["expires_in"] = 4500 });
    }

    private static ApiReply Unauthorized() => new(401, RegistryData.ErrorBody("UNAUTHORIZED", "authentication required"));
}
