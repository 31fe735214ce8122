using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Polly;
using Polly.Timeout;

namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <inheritdoc cref="IArmClient"/>
public sealed class ArmClient : IArmClient, IDisposable
{
    private readonly IArmCredentials _credentials;
    private readonly ArmTraffic _traffic;
    private readonly ISecretMask _mask;
    private readonly Lazy<HttpClient> _http;
    private readonly ResiliencePipeline<HttpResponseMessage> _retry;

    public ArmClient(IArmCredentials credentials, ArmTransport transport, ArmTraffic traffic, ISecretMask mask, TimeProvider clock)
    {
        _credentials = credentials;
        _traffic = traffic;
        _mask = mask;
        _http = new Lazy<HttpClient>(() => new HttpClient(transport.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan });
        _retry = ArmRetry.Pipeline(clock);
    }

    public Task<JsonElement?> GetAsync(string path, string apiVersion, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, path, apiVersion, null, null, cancellation);

    public Task<JsonElement?> PostAsync(string path, string apiVersion, JsonElement? body, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Post, path, apiVersion, null, body, cancellation);

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, string? query, CancellationToken cancellation)
    {
        var items = new List<JsonElement>();
        var page = await AskAsync(HttpMethod.Get, path, apiVersion, query, null, cancellation);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (page is { } current)
        {
            items.AddRange(current.Items("value"));

            // A listing that leads back to a page of its own would never end.
            if (current.Text("nextLink") is not { Length: > 0 } next || !seen.Add(next))
                break;
            page = await FollowAsync(next, cancellation);
        }

        return items;
    }

    public void Dispose()
    {
        if (_http.IsValueCreated)
            _http.Value.Dispose();
    }

    private async Task<JsonElement?> AskAsync(
        HttpMethod method, string path, string apiVersion, string? query, JsonElement? body, CancellationToken cancellation)
    {
        var endpoint = await _credentials.GetEndpointAsync(cancellation);
        var address = $"{endpoint.AbsoluteUri.TrimEnd('/')}{path}?{(query is null ? "" : Escape(query) + "&")}api-version={apiVersion}";
        return await SendAsync(method, new Uri(address), path, body, cancellation);
    }

    /// <summary>$filter=a eq 'b' with the values escaped and the separators left.</summary>
    private static string Escape(string query) => string.Join('&', query.Split('&').Select(part =>
        part.Split('=', 2) is [var name, var value] ? $"{name}={Uri.EscapeDataString(value)}" : Uri.EscapeDataString(part)));

    private async Task<JsonElement?> FollowAsync(string link, CancellationToken cancellation)
    {
        var endpoint = await _credentials.GetEndpointAsync(cancellation);
        if (!Uri.TryCreate(endpoint, link, out var address)
            || Uri.Compare(address, endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
        {
            // The token is for this host alone.
            throw new BuildException(
                ErrorCode.AzureRequestFailed, $"Azure Resource Manager's listing goes on at another host than {endpoint.Host}; it was not followed.");
        }

        return await SendAsync(HttpMethod.Get, address, address.AbsolutePath, null, cancellation);
    }

    private async Task<JsonElement?> SendAsync(HttpMethod method, Uri address, string path, JsonElement? body, CancellationToken cancellation)
    {
        var shown = $"{method} {path}";
        string? refused = null;
        while (true)
        {
            var token = await _credentials.GetTokenAsync(refused, cancellation);
            using var response = await TryAsync(method, address, body, token, shown, cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized && refused is null)
            {
                refused = token; // it ran out or was revoked: one new one
                continue;
            }

            return await ReadAsync(response, shown, cancellation);
        }
    }

    private async Task<HttpResponseMessage> TryAsync(
        HttpMethod method, Uri address, JsonElement? body, string token, string shown, CancellationToken cancellation)
    {
        try
        {
            return await _retry.ExecuteAsync(
                async attempt =>
                {
                    using var request = new HttpRequestMessage(method, address);
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                    request.Headers.Accept.ParseAdd("application/json");
                    if (method == HttpMethod.Post)
                        request.Content = new StringContent(body?.GetRawText() ?? "", Encoding.UTF8, "application/json");
                    _traffic.Count();
                    return await _http.Value.SendAsync(request, attempt); // with its whole body, so that a connection lost in it is tried again
                },
                cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutRejectedException)
        {
            var text = exception is TimeoutRejectedException
                ? $"no answer within {ArmRetry.AttemptLimit.TotalSeconds:0} s"
                : exception.InnerException is { } inner ? $"{exception.Message} ({inner.Message})" : exception.Message;
            throw new BuildException(
                ErrorCode.AzureRequestFailed,
                $"{shown} at {address.Authority} failed {ArmRetry.Attempts} times.",
                _mask.Mask(text),
                "check the network, the proxy (HTTPS_PROXY, NO_PROXY) and, with a custom cloud, az cloud show; then run again: nothing is lost");
        }
    }

    private async Task<JsonElement?> ReadAsync(HttpResponseMessage response, string shown, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw Failed(response.StatusCode, shown, _mask.Mask(ArmError.Describe(text)));
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // The body may hold a key: it is not shown.
            throw new BuildException(
                ErrorCode.AzureRequestFailed, $"{shown} was not answered with JSON.", "something between this machine and Azure answers in its place",
                "check the proxy (HTTPS_PROXY, NO_PROXY)");
        }
    }

    private static BuildException Failed(HttpStatusCode status, string shown, string words) => status switch
    {
        HttpStatusCode.Unauthorized => new BuildException(
            ErrorCode.AzureLoginFailed, $"{shown}: Azure does not accept the login.", toolOutput: words, remedy: "log in again: az login"),
        HttpStatusCode.Forbidden => new BuildException(
            ErrorCode.AzureForbidden, $"{shown}: the login may not do this.", toolOutput: words,
            remedy: "ask an owner of the subscription or group for the role Contributor there, or log in with another identity"),
        _ when ArmRetry.IsUnregistered(status, words) => new BuildException(
            ErrorCode.AzureRequestFailed, $"{shown} was answered with {(int)status}.", toolOutput: words,
            cause: "a resource provider is not registered in the subscription", remedy: "--target=Doctor names it and the command"),
        _ => new BuildException(
            ErrorCode.AzureRequestFailed, $"{shown} was answered with {(int)status}.", toolOutput: words,
            cause: ArmRetry.IsTransient(status) ? $"Azure said so {ArmRetry.Attempts} times" : null,
            remedy: ArmRetry.IsTransient(status) ? "run again later: what was done is recognised" : null),
    };
}
