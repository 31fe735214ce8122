using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Images;

/// <summary>
/// Asks a registry by its HTTP API what it has under a tag. <c>docker manifest inspect</c> cannot do that: of an index it shows the parts alone.
/// https://distribution.github.io/distribution/spec/api/
/// </summary>
public sealed partial class RegistryClient(HttpClient http, ISecretMask mask)
{
    private static readonly string[] ManifestTypes =
    [
        "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
    ];

    /// <summary>Never an error of the network's: whoever pushes finds out more, through docker's own connections.</summary>
    /// <exception cref="BuildException">AMB4004: the registry refuses name and password.</exception>
    public async Task<RegistryAnswer> FindAsync(ImageName name, RegistryLogin? login, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (login is not null)
            mask.Add(login.Password);
        try
        {
            var (manifest, response) = await FirstAsync(name, login, cancellation);
            using var first = response;
            if (first.StatusCode != HttpStatusCode.Unauthorized || Challenge(first) is not { } challenge)
                return Judge(first, name, login);
            var token = await TokenAsync(challenge, name, login, cancellation);
            if (token is null)
                return Refused(name, login, "it gave no token for this name and password");
            using var second = await HeadAsync(manifest, new AuthenticationHeaderValue("Bearer", token), cancellation);
            return Judge(second, name, login);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new RegistryAnswer.CannotTell(mask.Mask(e.InnerException?.Message ?? e.Message));
        }
    }

    /// <summary>Docker too speaks plain HTTP to this machine alone, and that only to a registry which has no TLS.</summary>
    private async Task<(Uri Manifest, HttpResponseMessage Response)> FirstAsync(ImageName name, RegistryLogin? login, CancellationToken cancellation)
    {
        var secure = ManifestAddress(name, Uri.UriSchemeHttps);
        try
        {
            return (secure, await HeadAsync(secure, Basic(login), cancellation));
        }
        catch (HttpRequestException e) when (
            e.HttpRequestError == HttpRequestError.SecureConnectionError && RegistryAddress.IsLoopback(name.FullRepository))
        {
            var plain = ManifestAddress(name, Uri.UriSchemeHttp);
            return (plain, await HeadAsync(plain, Basic(login), cancellation));
        }
    }

    /// <summary>Where a tag's manifest is asked for.</summary>
    public static Uri ManifestAddress(ImageName name, string scheme)
    {
        ArgumentNullException.ThrowIfNull(name);
        var host = RegistryAddress.Host(name.FullRepository);
        var path = name.FullRepository.StartsWith(host + "/", StringComparison.Ordinal) ? name.FullRepository[(host.Length + 1)..] : name.FullRepository;
        return new Uri($"{scheme}://{host}/v2/{path}/manifests/{name.Tag}");
    }

    /// <summary>Realm, service and scope of a <c>WWW-Authenticate: Bearer</c> header. Pure.</summary>
    public static IReadOnlyDictionary<string, string> ParseChallenge(string parameters) =>
        Parameter().Matches(parameters).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);

    private async Task<HttpResponseMessage> HeadAsync(Uri address, AuthenticationHeaderValue? authorization, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        request.Headers.Authorization = authorization;
        foreach (var type in ManifestTypes)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return await http.SendAsync(request, cancellation);
    }

    private async Task<string?> TokenAsync(
        IReadOnlyDictionary<string, string> challenge, ImageName name, RegistryLogin? login, CancellationToken cancellation)
    {
        if (!challenge.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var address)
            || (login is not null && address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback))
            return null; // A password does not go to whoever asks for it in the clear.
        var path = ManifestAddress(name, Uri.UriSchemeHttps).AbsolutePath["/v2/".Length..].Split("/manifests/")[0];
        var scope = challenge.GetValueOrDefault("scope") ?? $"repository:{path}:pull";
        var service = challenge.GetValueOrDefault("service") ?? "";
        var query = $"service={Uri.EscapeDataString(service)}&scope={Uri.EscapeDataString(scope)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(address) { Query = query }.Uri);
        request.Headers.Authorization = Basic(login);
        using var response = await http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
            return null;
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        var token = document.RootElement.TryGetProperty("token", out var one) ? one.GetString()
            : document.RootElement.TryGetProperty("access_token", out var other) ? other.GetString() : null;
        if (token is not null)
            mask.Add(token);
        return token;
    }

    private static RegistryAnswer Judge(HttpResponseMessage response, ImageName name, RegistryLogin? login) => response.StatusCode switch
    {
        HttpStatusCode.OK when Digest(response) is { } digest => new RegistryAnswer.Has(digest),
        HttpStatusCode.NotFound => new RegistryAnswer.HasNot(),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(name, login, $"it answers {(int)response.StatusCode}"),
        _ => new RegistryAnswer.CannotTell($"it answers {(int)response.StatusCode}"),
    };

    private static RegistryAnswer.CannotTell Refused(ImageName name, RegistryLogin? login, string answer) => login is null
        ? new RegistryAnswer.CannotTell("it wants a login")
        : throw new BuildException(
            ErrorCode.RegistryLoginFailed,
            $"The registry refuses {login} for {name.FullRepository}: {answer}.",
            "name or password are wrong, or they may not read this repository",
            "check kubernetes.registryUser and AMBROSIA_REGISTRY_PASSWORD (on aks: the rights of the account that az is logged in with)");

    private static IReadOnlyDictionary<string, string>? Challenge(HttpResponseMessage response) =>
        response.Headers.WwwAuthenticate.FirstOrDefault(header => header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            is { Parameter: { } parameters } ? ParseChallenge(parameters) : null;

    private static string? Digest(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out var values) ? values.FirstOrDefault() : null;

    private static AuthenticationHeaderValue? Basic(RegistryLogin? login) => login is null
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}")));

    [GeneratedRegex("([a-z]+)=\"([^\"]*)\"")]
    private static partial Regex Parameter();
}
