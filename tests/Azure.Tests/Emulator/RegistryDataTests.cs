using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.State;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>A real registry behind the emulator's tokens, and the real docker before them.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class RegistryDataTests
{
    private const string PullSecret = "pull-secret";

    [Test]
    public async Task Who_may_push_pushes_and_a_scoped_token_pulls_its_repository_alone()
    {
        await using var images = await RegistryServer.StartAsync(null, anonymous: false, CancellationToken.None);
        await using var emulator = await StartAsync(images);
        using var client = emulator.CreateClient();
        client.DefaultRequestHeaders.Authorization = null;
        using var challenge = await client.GetAsync(new Uri("/v2/", UriKind.Relative));
        Assert.That(challenge.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(challenge.Headers.WwwAuthenticate.ToString(), Does.Contain("/oauth2/token").And.Contain($"service=\"{emulator.BaseUri.Authority}\""));

        var push = await TokenAsync(client, Pusher(emulator), PushSecret(emulator), "repository:perftest:pull,push");
        var blob = Encoding.UTF8.GetBytes("a layer");
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));
        using var upload = await SendAsync(client, HttpMethod.Post, "/v2/perftest/blobs/uploads/", push);
        Assert.That(upload.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(upload.Headers.Location!.AbsoluteUri, Does.StartWith(emulator.BaseUri.AbsoluteUri));
        using var put = await SendAsync(client, HttpMethod.Put, $"{upload.Headers.Location.PathAndQuery}&digest={digest}", push, blob);
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.Created));

        var pull = await TokenAsync(client, "nodes", PullSecret, "repository:perftest:pull,push repository:other:pull");
        using var layer = await SendAsync(client, HttpMethod.Get, $"/v2/perftest/blobs/{digest}", pull);
        Assert.That(await layer.Content.ReadAsStringAsync(), Is.EqualTo("a layer"));
        using var other = await SendAsync(client, HttpMethod.Get, $"/v2/other/blobs/{digest}", pull);
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        using var forbidden = await SendAsync(client, HttpMethod.Post, "/v2/perftest/blobs/uploads/", pull);
        Assert.That(forbidden.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        using var wrong = await AskTokenAsync(client, "nodes", "wrong", "repository:perftest:pull");
        Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Docker_pushes_and_pulls_through_it()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await using var images = await RegistryServer.StartAsync(null, anonymous: false, limit.Token);
        await using var emulator = await StartAsync(images);
        await using var engine = await DockerEngine.StartAsync(null, limit.Token);
        var directory = Directory.CreateTempSubdirectory("docker-config-");
        try
        {
            var archive = Path.Combine(directory.FullName, "image.tar");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "content"), "an image", limit.Token);
            await Command.RunAsync("tar", ["-C", directory.FullName, "-cf", archive, "content"], new Dictionary<string, string?>(), limit.Token);
            var image = $"{emulator.BaseUri.Authority}/perftest:one";
            await engine.DockerAsync(limit.Token, "import", archive, image);
            await DockerAsync(Pusher(emulator), PushSecret(emulator), "push", image);
            Assert.That(await images.TagsAsync("perftest", limit.Token), Is.EqualTo(new[] { "one" }));

            await engine.DockerAsync(limit.Token, "rmi", image);
            await DockerAsync("nodes", PullSecret, "pull", image);
            await Assert.ThrowsAsync<CommandFailedException>(() => DockerAsync("nodes", PullSecret, "push", image));
            await Assert.ThrowsAsync<CommandFailedException>(() => DockerAsync("nodes", "wrong", "pull", image));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        // With credentials from a file, as docker keeps them after a login.
        async Task DockerAsync(string user, string password, params string[] arguments)
        {
            var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
            var config = new JsonObject { ["auths"] = new JsonObject { [emulator.BaseUri.Authority] = new JsonObject { ["auth"] = auth } } };
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "config.json"), config.ToJsonString(), limit.Token);
            await engine.DockerAsync(limit.Token, ["--config", directory.FullName, .. arguments]);
        }
    }

    /// <summary>A registry to which a service principal may push, and from which the token "nodes" may pull one repository.</summary>
    private static async Task<AzureEmulator> StartAsync(RegistryServer images)
    {
        var emulator = await AzureEmulator.StartAsync(new AzureEmulatorOptions
        {
            UpstreamRegistry = new Uri($"http://{RegistryServer.User}:{images.Password}@{images.Server}"),
        });
        emulator.State.AddGroup("rg1");
        var registry = emulator.State.AddRegistry("rg1", "emuacr1");
        emulator.State.AddRoleAssignment(registry.Id, emulator.State.AddServicePrincipal("pusher").Id, "AcrPush");
        registry.ScopeMaps["pull"] = new ScopeMap("pull") { Actions = ["repositories/perftest/content/read"] };
        registry.Tokens["nodes"] = new RegistryToken("nodes") { ScopeMapId = registry.Id + "/scopeMaps/pull", Passwords = { ["password1"] = PullSecret } };
        return emulator;
    }

    private static string Pusher(AzureEmulator emulator) => emulator.State.Applications[0].AppId;

    private static string PushSecret(AzureEmulator emulator) => emulator.State.Applications[0].Passwords.Values.Single();

    private static async Task<string> TokenAsync(HttpClient client, string user, string password, string scope)
    {
        using var reply = await AskTokenAsync(client, user, password, scope);
        Assert.That(reply.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (string)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["token"]!;
    }

    private static async Task<HttpResponseMessage> AskTokenAsync(HttpClient client, string user, string password, string scope)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"/oauth2/token?service={client.BaseAddress!.Authority}&scope={Uri.EscapeDataString(scope)}", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return await client.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string token, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        }
        return await client.SendAsync(request);
    }
}
