using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.State;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>A real registry behind the emulator's tokens.</summary>
[Platform("Linux")]
public sealed class RegistryDataTests
{
    [Test]
    public async Task Who_may_push_pushes_and_a_scoped_token_pulls_its_repository_alone()
    {
        var program = Tools.Require("docker-registry", "install the package docker-registry");
        var directory = Directory.CreateTempSubdirectory("registry-");
        var port = FreePort();
        var config = Path.Combine(directory.FullName, "config.yml");
        await File.WriteAllTextAsync(config, $"""
            version: 0.1
            log: {"{level: error}"}
            storage: {"{filesystem: {rootdirectory: " + directory.FullName + "}}"}
            http: {"{addr: 127.0.0.1:" + port + "}"}
            """);
        using var process = Process.Start(new ProcessStartInfo(program, ["serve", config]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            await using var emulator = await AzureEmulator.StartAsync(new AzureEmulatorOptions { UpstreamRegistry = new Uri($"http://127.0.0.1:{port}") });
            using var client = emulator.CreateClient();
            emulator.State.AddGroup("rg1");
            var registry = emulator.State.AddRegistry("rg1", "emuacr1");
            var pusher = emulator.State.AddServicePrincipal("pusher");
            emulator.State.AddRoleAssignment(registry.Id, pusher.Id, "AcrPush");
            registry.ScopeMaps["pull"] = new ScopeMap("pull") { Actions = ["repositories/perftest/content/read"] };
            registry.Tokens["nodes"] = new RegistryToken("nodes") { ScopeMapId = registry.Id + "/scopeMaps/pull", Passwords = { ["password1"] = "pull-secret" } };

            client.DefaultRequestHeaders.Authorization = null;
            using var challenge = await client.GetAsync(new Uri("/v2/", UriKind.Relative));
            Assert.That(challenge.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(challenge.Headers.WwwAuthenticate.ToString(), Does.Contain("/oauth2/token").And.Contain($"service=\"{emulator.BaseUri.Authority}\""));

            var push = await TokenAsync(client, pusher.AppId, emulator.State.Applications[0].Passwords.Values.Single(), "repository:perftest:pull,push");
            var blob = Encoding.UTF8.GetBytes("a layer");
            var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));
            Assert.That(() => SendAsync(client, HttpMethod.Get, "/v2/", push).Result.StatusCode, Is.EqualTo(HttpStatusCode.OK).After(20_000, 100), "the registry starts");
            using var upload = await SendAsync(client, HttpMethod.Post, "/v2/perftest/blobs/uploads/", push);
            Assert.That(upload.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(upload.Headers.Location!.AbsoluteUri, Does.StartWith(emulator.BaseUri.AbsoluteUri));
            using var put = await SendAsync(client, HttpMethod.Put, $"{upload.Headers.Location.PathAndQuery}&digest={digest}", push, blob);
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.Created));

            var pull = await TokenAsync(client, "nodes", "pull-secret", "repository:perftest:pull,push repository:other:pull");
            using var layer = await SendAsync(client, HttpMethod.Get, $"/v2/perftest/blobs/{digest}", pull);
            Assert.That(await layer.Content.ReadAsStringAsync(), Is.EqualTo("a layer"));
            using var other = await SendAsync(client, HttpMethod.Get, $"/v2/other/blobs/{digest}", pull);
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            using var forbidden = await SendAsync(client, HttpMethod.Post, "/v2/perftest/blobs/uploads/", pull);
            Assert.That(forbidden.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            using var wrong = await AskTokenAsync(client, "nodes", "wrong", "repository:perftest:pull");
            Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            directory.Delete(recursive: true);
        }
    }

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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
