using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Ambrosia.Testing.Docker;

/// <summary>A real registry on the loopback interface, with a user and a password.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    public const string User = "pusher";

    private const string Remedy = "run tests/tools/install.sh as root";

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(1);

    private readonly string _directory;
    private readonly Process _process;
    private readonly HttpClient _http = new();

    private RegistryServer(string directory, int port, string password, Process process)
    {
        _directory = directory;
        Server = $"127.0.0.1:{port}";
        Password = password;
        _process = process;
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password}")));
    }

    /// <summary>Host and port, as image names have it.</summary>
    public string Server { get; }

    public string Password { get; }

    /// <param name="root">Where it keeps the images; null for a directory of its own.</param>
    /// <param name="anonymous">True: it asks nobody for a password.</param>
    public static async Task<RegistryServer> StartAsync(string? root, bool anonymous, CancellationToken cancellation)
    {
        var program = Tools.Require("docker-registry", Remedy);
        var htpasswd = Tools.Require("htpasswd", Remedy);
        var directory = Directory.CreateTempSubdirectory("ambrosia-registry-").FullName;
        var password = $"pass-{Guid.NewGuid():N}";
        var line = await Command.RunAsync(htpasswd, ["-nbB", "-C", "4", User, password], new Dictionary<string, string?>(), cancellation);
        await File.WriteAllTextAsync(Path.Combine(directory, "htpasswd"), line.Trim() + "\n", cancellation);
        var port = FreePort();
        var configuration = Path.Combine(directory, "config.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {root ?? Path.Combine(directory, "data")}
            http:
              addr: 127.0.0.1:{port}

            """
            + (anonymous ? "" : $"auth: {{ htpasswd: {{ realm: ambrosia, path: {Path.Combine(directory, "htpasswd")} }} }}\n"),
            cancellation);
        var process = Process.Start(new ProcessStartInfo(program, ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new RegistryServer(directory, port, password, process);
        await registry.ReadyAsync(cancellation);
        return registry;
    }

    /// <summary>The tags of a repository; none where there is no such repository.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(new Uri($"http://{Server}/v2/{repository}/tags/list"), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        using var document = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        var tags = document.RootElement.GetProperty("tags");
        return tags.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. tags.EnumerateArray().Select(tag => tag.GetString()!)] : [];
    }

    /// <summary>Digest and compressed size in bytes of each layer of a manifest.</summary>
    public async Task<IReadOnlyList<(string Digest, long Size)>> LayersAsync(string repository, string reference, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{Server}/v2/{repository}/manifests/{reference}"));
        request.Headers.Accept.ParseAdd("application/vnd.docker.distribution.manifest.v2+json");
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        using var response = await _http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        using var document = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        return
        [
            .. document.RootElement.GetProperty("layers").EnumerateArray()
                .Select(layer => (layer.GetProperty("digest").GetString()!, layer.GetProperty("size").GetInt64())),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A port that nothing listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < StartTime; await timer.WaitForNextTickAsync(cancellation))
        {
            try
            {
                using var response = await _http.GetAsync(new Uri($"http://{Server}/v2/"), cancellation);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not yet.
            }
        }

        throw new TimeoutException("docker-registry did not answer.");
    }
}
