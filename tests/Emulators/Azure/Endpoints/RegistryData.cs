using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>The registry's <c>/v2/</c>: guarded by its own access tokens, served by a real registry behind.</summary>
internal sealed partial class RegistryData : IDisposable
{
    private readonly RegistryAccess _access;
    private readonly Uri? _upstream;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public RegistryData(RegistryAccess access, Uri? upstream)
    {
        _access = access;
        _upstream = upstream;
    }

    public void Map(WebApplication app) => app.Map("/v2/{**rest}", AnswerAsync);

    public void Dispose() => _client.Dispose();

    internal static JsonObject ErrorBody(string code, string message) =>
        new() { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };

    private async Task AnswerAsync(HttpContext http)
    {
        var rest = (string?)http.Request.RouteValues["rest"] ?? "";
        var repository = Repository().Match(rest) is { Success: true } match ? match.Groups["name"].Value : rest == "_catalog" ? "registry:catalog" : null;
        var action = rest == "_catalog" ? "*" : http.Request.Method switch { "GET" or "HEAD" => "pull", "DELETE" => "delete", _ => "push" };
        if (!_access.Allows(AccessTokens.Bearer(http.Request.Headers.Authorization), repository, action))
        {
            var scope = repository is null ? "" : $",scope=\"{(rest == "_catalog" ? "" : "repository:")}{repository}:{(action == "push" ? "pull,push" : action)}\"";
            await RequestPipeline.WriteAsync(http, new ApiReply(401, ErrorBody("UNAUTHORIZED", "authentication required"))
            {
                Headers = new Dictionary<string, string>
                {
                    ["WWW-Authenticate"] = $"Bearer realm=\"https://{http.Request.Host}/oauth2/token\",service=\"{http.Request.Host}\"{scope}",
                    ["Docker-Distribution-Api-Version"] = "registry/2.0",
                },
            });
        }
        else if (_upstream is not null)
        {
            await ForwardAsync(http, _upstream);
        }
        else
        {
            var reply = rest.Length == 0 ? new ApiReply(200, new JsonObject()) : new ApiReply(404, ErrorBody("NAME_UNKNOWN", "There are no images in this registry."));
            await RequestPipeline.WriteAsync(http, reply with { Headers = new Dictionary<string, string> { ["Docker-Distribution-Api-Version"] = "registry/2.0" } });
        }
    }

    private async Task ForwardAsync(HttpContext http, Uri upstream)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(upstream, http.Request.Path + http.Request.QueryString.Value));
        if (http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0 || http.Request.Method is "PUT" or "POST" or "PATCH")
            request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers)
        {
            if (name is "Authorization" or "Connection" or "Transfer-Encoding" or "Host")
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
        }

        if (upstream.UserInfo.Length > 0)
        {
            var pair = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(upstream.UserInfo));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
        }

        // The registry makes the links that it answers from these.
        request.Headers.Host = http.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        using var reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)reply.StatusCode;
        foreach (var (name, values) in reply.Headers.Concat(reply.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
                http.Response.Headers[name] = values.ToArray();
        }
        if (http.Request.Method != "HEAD")
            await reply.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    [GeneratedRegex("^(?<name>.+?)/(blobs|manifests|tags|referrers)/")]
    private static partial Regex Repository();
}
