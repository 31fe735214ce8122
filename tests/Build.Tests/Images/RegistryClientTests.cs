using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Contracts;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

[CancelAfter(20_000)]
public sealed class RegistryClientTests
{
    private static readonly ImageName Name = new("hello.azurecr.io", "perftest", "0123456789ab");
    private static readonly RegistryLogin Login = new("hello.azurecr.io", "00000000-0000-0000-0000-000000000000", "refresh-token");

    [TestCase("hello.azurecr.io", "https://hello.azurecr.io/v2/perftest/manifests/1")]
    [TestCase("ghcr.io/me/more", "https://ghcr.io/v2/me/more/perftest/manifests/1")]
    [TestCase("127.0.0.1:5000", "https://127.0.0.1:5000/v2/perftest/manifests/1")]
    public void A_manifest_is_asked_for_where_docker_would(string server, string address) =>
        Assert.That(RegistryClient.ManifestAddress(new ImageName(server, "perftest", "1"), Uri.UriSchemeHttps), Is.EqualTo(new Uri(address)));

    /// <summary>As docker does: https://docs.docker.com/reference/cli/dockerd/#insecure-registries</summary>
    [Test]
    public async Task A_registry_of_this_machine_without_tls_is_asked_in_the_clear_and_no_other_is(CancellationToken cancellation)
    {
        using var local = new ScriptedRegistry(_ => throw NoTls(), _ => Manifest("sha256:abc"));
        using var remote = new ScriptedRegistry(_ => throw NoTls());

        Assert.That(
            await AskAsync(local, Login, cancellation, new ImageName("localhost:5000", "perftest", "1")), Is.EqualTo(new RegistryAnswer.Has("sha256:abc")));
        Assert.That(local.Requests[1].Uri, Is.EqualTo(new Uri("http://localhost:5000/v2/perftest/manifests/1")));
        Assert.That(await AskAsync(remote, Login, cancellation), Is.TypeOf<RegistryAnswer.CannotTell>());
        Assert.That(remote.Requests, Has.Count.EqualTo(1));

        static HttpRequestException NoTls() => new(HttpRequestError.SecureConnectionError, "The SSL connection could not be established.");
    }

    [TestCase("perftest:1", "registry-1.docker.io")]
    [TestCase("me/perftest:1", "registry-1.docker.io")]
    [TestCase("docker.io/me/perftest:1", "registry-1.docker.io")]
    [TestCase("localhost/perftest", "localhost")]
    [TestCase("registry:5000/perftest", "registry:5000")]
    public void The_first_part_of_a_name_is_a_host_where_it_looks_like_one(string reference, string host) =>
        Assert.That(RegistryAddress.Host(reference), Is.EqualTo(host));

    /// <summary>How Azure's registry asks, by its documentation: https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md</summary>
    [Test]
    public async Task Where_a_bearer_token_is_wanted_it_is_fetched_with_name_and_password(CancellationToken cancellation)
    {
        using var registry = new ScriptedRegistry(
            request => Challenge(request, """Bearer realm="https://hello.azurecr.io/oauth2/token",service="hello.azurecr.io",scope="repository:perftest:pull" """),
            _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"access_token":"access-token-1"}""") },
            _ => Manifest("sha256:abc"));

        var answer = await AskAsync(registry, Login, cancellation);

        Assert.That(answer, Is.EqualTo(new RegistryAnswer.Has("sha256:abc")));
        Assert.That(
            registry.Requests[1].Uri,
            Is.EqualTo(new Uri("https://hello.azurecr.io/oauth2/token?service=hello.azurecr.io&scope=repository%3Aperftest%3Apull")));
        Assert.That(registry.Requests[1].Authorization, Is.EqualTo("Basic " + Basic(Login)));
        Assert.That(registry.Requests[2].Authorization, Is.EqualTo("Bearer access-token-1"));
    }

    [Test]
    public async Task A_password_does_not_follow_a_challenge_into_the_clear(CancellationToken cancellation)
    {
        using var registry = new ScriptedRegistry(request => Challenge(request, """Bearer realm="http://elsewhere.example/token",service="x" """));

        var error = (await Assert.ThrowsAsync<BuildException>(() => AskAsync(registry, Login, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
        Assert.That(registry.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_the_registry_lacks_is_told_from_what_it_does_not_tell(CancellationToken cancellation)
    {
        using var lacking = new ScriptedRegistry(_ => new HttpResponseMessage(HttpStatusCode.NotFound));
        using var broken = new ScriptedRegistry(_ => new HttpResponseMessage(HttpStatusCode.InternalServerError));
        using var closed = new ScriptedRegistry(request => Challenge(request, "Basic realm=\"x\""));
        using var gone = new ScriptedRegistry(_ => throw new HttpRequestException("Connection refused"));

        Assert.That(await AskAsync(lacking, Login, cancellation), Is.EqualTo(new RegistryAnswer.HasNot()));
        Assert.That(await AskAsync(broken, Login, cancellation), Is.EqualTo(new RegistryAnswer.CannotTell("it answers 500")));
        Assert.That(await AskAsync(closed, null, cancellation), Is.EqualTo(new RegistryAnswer.CannotTell("it wants a login")));
        Assert.That(await AskAsync(gone, null, cancellation), Is.EqualTo(new RegistryAnswer.CannotTell("Connection refused")));
    }

    [TestCase(HttpStatusCode.Unauthorized)]
    [TestCase(HttpStatusCode.Forbidden)]
    public async Task Defect_17_a_refused_login_is_an_error_and_not_a_reason_to_try_another(HttpStatusCode status, CancellationToken cancellation)
    {
        using var registry = new ScriptedRegistry(_ => new HttpResponseMessage(status));

        var error = (await Assert.ThrowsAsync<BuildException>(() => AskAsync(registry, Login, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
        Assert.That(error.Message, Does.Contain(Login.User).And.Not.Contain(Login.Password));
    }

    private static async Task<RegistryAnswer> AskAsync(
        ScriptedRegistry registry, RegistryLogin? login, CancellationToken cancellation, ImageName? name = null)
    {
        using var http = new HttpClient(registry, disposeHandler: false);
        return await new RegistryClient(http, new SecretMask()).FindAsync(name ?? Name, login, cancellation);
    }

    private static HttpResponseMessage Challenge(HttpRequestMessage request, string challenge)
    {
        var response = new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request };
        response.Headers.WwwAuthenticate.Add(AuthenticationHeaderValue.Parse(challenge.Trim()));
        return response;
    }

    private static HttpResponseMessage Manifest(string digest)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        response.Headers.Add("Docker-Content-Digest", digest);
        return response;
    }

    private static string Basic(RegistryLogin login) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}"));

    private sealed class ScriptedRegistry(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public List<(Uri Uri, string? Authorization)> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request.RequestUri!, request.Headers.Authorization?.ToString()));
            return Task.FromResult(answers[Requests.Count - 1](request));
        }
    }
}
