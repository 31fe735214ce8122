using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>
/// A login to look into a registry, made of the token that Azure is read with: reads go by REST, and <c>az acr login</c> would cost a second
/// in each run that has nothing to push. https://learn.microsoft.com/azure/container-registry/container-registry-authentication
/// </summary>
public sealed class AcrTokenExchange(IAzureSession session, IArmCredentials credentials, ArmTransport transport, ISecretMask mask) : IDisposable
{
    /// <summary>The user that a registry's refresh token goes with.</summary>
    public const string TokenUser = "00000000-0000-0000-0000-000000000000";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Lazy<HttpClient> _http = new(() => new HttpClient(transport.CreateHandler()) { Timeout = Limit });

    /// <summary>Null where the registry does not trade: whoever has to know asks az.</summary>
    public async Task<RegistryLogin?> TryLoginAsync(string server, CancellationToken cancellation)
    {
        var account = await session.GetAccountAsync(cancellation);
        var token = await credentials.GetTokenAsync(null, cancellation);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "access_token"), new("service", server), new("tenant", account.TenantId), new("access_token", token),
        ]);
        try
        {
            using var response = await _http.Value.PostAsync(new Uri($"https://{server}/oauth2/exchange"), form, cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
                return null;
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
            if (answer.RootElement.Text("refresh_token") is not { Length: > 0 } password)
                return null;
            mask.Add(password);
            return new RegistryLogin(server, TokenUser, password);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Whether the registry takes a user name and password; null where it does not say: it cannot be reached, or is out of order.</summary>
    /// <remarks>As docker and the nodes ask: https://distribution.github.io/distribution/spec/auth/token/</remarks>
    public async Task<bool?> AcceptsAsync(RegistryLogin login, string repository, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(login);
        var query = $"service={Uri.EscapeDataString(login.Server)}&scope={Uri.EscapeDataString($"repository:{repository}:pull")}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{login.Server}/oauth2/token?{query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}")));
        try
        {
            using var response = await _http.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.StatusCode switch { HttpStatusCode.OK => true, HttpStatusCode.Unauthorized => false, _ => null };
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_http.IsValueCreated)
            _http.Value.Dispose();
    }
}
