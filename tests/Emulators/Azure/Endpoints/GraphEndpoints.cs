using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Microsoft Graph: applications and service principals.</summary>
internal sealed partial class GraphEndpoints(AzureState state)
{
    private const string Applications = "/v1.0/applications";
    private const string Principals = "/v1.0/servicePrincipals";

    public void Map(EndpointMap map)
    {
        map.Map("GET", Applications, request => List(request, Filtered(request, state.AllApplications.Select(application => application.ToJson()))));
        map.Map("POST", Applications, CreateApplication);
        map.Map("GET", Applications + "/{id}", request => ApiReply.Ok(RequireApplication(request["id"]).ToJson()));
        map.Map("PATCH", Applications + "/{id}", ChangeApplication);
        map.Map("DELETE", Applications + "/{id}", DeleteApplication);
        map.Map("POST", Applications + "/{id}/addPassword", request =>
        {
            var application = RequireApplication(request["id"]);
            return AddPassword(request, application.Credentials, application.DisplayName);
        });
        map.Map("POST", Applications + "/{id}/removePassword", request => RemovePassword(request, RequireApplication(request["id"]).Credentials));
        map.Map("GET", Applications + "/{id}/owners", request => List(request, []));
        map.Map("GET", Principals, request => List(request, Filtered(request, state.AllServicePrincipals.Select(principal => principal.ToJson()))));
        map.Map("POST", Principals, CreatePrincipal);
        map.Map("GET", Principals + "/{id}", request => ApiReply.Ok(RequirePrincipal(request["id"]).ToJson()));
        map.Map("DELETE", Principals + "/{id}", DeletePrincipal);
        map.Map("POST", Principals + "/{id}/addPassword", request =>
        {
            var principal = RequirePrincipal(request["id"]);
            return AddPassword(request, principal.Credentials, principal.DisplayName);
        });
        map.Map("POST", Principals + "/{id}/removePassword", request => RemovePassword(request, RequirePrincipal(request["id"]).Credentials));
        map.Map("POST", "/v1.0/directoryObjects/getByIds", GetByIds);
        map.Map("GET", "/v1.0/me", _ => throw new ApiException(400, "BadRequest", "/me request is only valid with delegated authentication flow."));
    }

    private ApiReply List(ApiRequest request, IEnumerable<JsonObject> items)
    {
        var reply = Listing.Page(request, state.Options, items);
        if (reply.Body?["nextLink"] is { } next)
        {
            // Graph has its own name for it.
            ((JsonObject)reply.Body).Remove("nextLink");
            reply.Body["@odata.nextLink"] = next.DeepClone();
        }
        return reply;
    }

    /// <summary>The filters that the CLI sends: equality, <c>startswith</c>, and <c>any</c> over a list.</summary>
    private static IEnumerable<JsonObject> Filtered(ApiRequest request, IEnumerable<JsonObject> items)
    {
        if (request.Query("$filter") is not { Length: > 0 } filter)
            return items;
        if (AnyOf().Match(filter) is { Success: true } any)
            return items.Where(item => item[any.Groups["field"].Value] is JsonArray list && list.Any(value => AzureState.Same(value.Text(), any.Groups["value"].Value)));
        if (StartsWith().Match(filter) is { Success: true } starts)
        {
            return items.Where(item =>
                item[starts.Groups["field"].Value].Text()?.StartsWith(starts.Groups["value"].Value, StringComparison.OrdinalIgnoreCase) == true);
        }
        if (Equality().Match(filter) is { Success: true } equal)
            return items.Where(item => AzureState.Same(item[equal.Groups["field"].Value].Text(), equal.Groups["value"].Value));
        throw new ApiException(400, "Request_UnsupportedQuery", $"Unsupported query: {filter}");
    }

    private GraphApplication RequireApplication(string id) => state.AllApplications.FirstOrDefault(application => AzureState.Same(application.Id, id)) ?? throw Missing(id);

    private GraphServicePrincipal RequirePrincipal(string id) =>
        state.AllServicePrincipals.FirstOrDefault(principal => AzureState.Same(principal.Id, id)) ?? throw Missing(id);

    private static ApiException Missing(string id) =>
        new(404, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    private ApiReply CreateApplication(ApiRequest request)
    {
        var application = new GraphApplication(request.Body["displayName"].Text()
            ?? throw new ApiException(400, "Request_BadRequest", "A value is required for property 'displayName' of resource 'Application'."))
        {
            Body = request.Body.Copy(),
        };
        SetTags(request, tags => application.Tags = tags);
        state.AllApplications.Add(application);
        return new ApiReply(201, application.ToJson());
    }

    private ApiReply ChangeApplication(ApiRequest request)
    {
        var application = RequireApplication(request["id"]);
        application.DisplayName = request.Body["displayName"].Text() ?? application.DisplayName;
        SetTags(request, tags => application.Tags = tags);
        if (request.Body["passwordCredentials"] is JsonArray { Count: 0 })
            application.Credentials.Clear();
        return new ApiReply(204);
    }

    private static void SetTags(ApiRequest request, Action<IReadOnlyList<string>> set)
    {
        if (request.Body["tags"] is JsonArray tags)
            set([.. tags.Select(tag => tag.Text() ?? "")]);
    }

    private ApiReply DeleteApplication(ApiRequest request)
    {
        var application = RequireApplication(request["id"]);
        state.AllApplications.Remove(application);
        foreach (var principal in state.AllServicePrincipals.Where(principal => AzureState.Same(principal.AppId, application.AppId)).ToList())
            state.AllServicePrincipals.Remove(principal);
        return new ApiReply(204);
    }

    private ApiReply AddPassword(ApiRequest request, PasswordCredentials credentials, string owner)
    {
        var given = request.Body["passwordCredential"];
        var until = DateTimeOffset.TryParse(given?["endDateTime"].Text(), CultureInfo.InvariantCulture, out var end) ? end : state.Now.AddYears(2);
        var keyId = state.AddPassword(credentials, owner, given?["displayName"].Text() ?? "", until);
        var reply = credentials.Details(keyId).Copy();
        reply["secretText"] = credentials.Values[keyId];
        return ApiReply.Ok(reply);
    }

    private static ApiReply RemovePassword(ApiRequest request, PasswordCredentials credentials)
    {
        var keyId = request.Body["keyId"].Text() ?? "";
        return credentials.Remove(keyId)
            ? new ApiReply(204)
            : throw new ApiException(400, "Request_BadRequest", $"No password credential found with keyId '{keyId}'.");
    }

    private ApiReply CreatePrincipal(ApiRequest request)
    {
        var appId = request.Body["appId"].Text() ?? "";
        var application = state.AllApplications.FirstOrDefault(known => AzureState.Same(known.AppId, appId))
            ?? throw new ApiException(400, "Request_BadRequest", $"The appId '{appId}' of the service principal does not reference a valid application object.");
        if (state.AllServicePrincipals.Any(known => AzureState.Same(known.AppId, appId)))
        {
            throw new ApiException(409, "Request_MultipleObjectsWithSameKeyValue",
                $"The service principal cannot be created, because the service principal name {appId} is already in use.");
        }
        var principal = new GraphServicePrincipal(appId, application.DisplayName, state.Options.TenantId);
        SetTags(request, tags => principal.Tags = tags);
        state.AllServicePrincipals.Add(principal);
        return new ApiReply(201, principal.ToJson());
    }

    private ApiReply DeletePrincipal(ApiRequest request)
    {
        state.AllServicePrincipals.Remove(RequirePrincipal(request["id"]));
        return new ApiReply(204);
    }

    private ApiReply GetByIds(ApiRequest request)
    {
        var ids = (request.Body["ids"] as JsonArray ?? []).Select(id => id.Text()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return ApiReply.Ok(new JsonObject
        {
            ["value"] = new JsonArray([.. state.AllServicePrincipals.Where(principal => ids.Contains(principal.Id)).Select(principal => principal.ToJson())]),
        });
    }

    [GeneratedRegex("^(?<field>\\w+)/any\\(\\w+:\\w+ eq '(?<value>[^']*)'\\)$")]
    private static partial Regex AnyOf();

    [GeneratedRegex("^startswith\\((?<field>\\w+),\\s*'(?<value>[^']*)'\\)$", RegexOptions.IgnoreCase)]
    private static partial Regex StartsWith();

    [GeneratedRegex("^(?<field>\\w+) eq '(?<value>[^']*)'$")]
    private static partial Regex Equality();
}
