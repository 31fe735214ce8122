using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>Asks an emulator directly, below its subscription.</summary>
public sealed class EmulatorClient(AzureEmulator emulator) : IDisposable
{
    public HttpClient Http { get; } = emulator.CreateClient();

    public Task<EmulatorAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<EmulatorAnswer> PutAsync(string path, JsonNode body) => SendAsync(HttpMethod.Put, path, body);

    public Task<EmulatorAnswer> PatchAsync(string path, JsonNode body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<EmulatorAnswer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<EmulatorAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <param name="path">From the subscription on (<c>/resourceGroups/rg1</c>), or a whole address.</param>
    public async Task<EmulatorAnswer> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        var uri = path.StartsWith("https:", StringComparison.Ordinal)
            ? new Uri(path)
            : new Uri(emulator.BaseUri, $"/subscriptions/{emulator.Options.SubscriptionId}{path}");
        using var request = new HttpRequestMessage(method, uri);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var reply = await Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        var headers = reply.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new EmulatorAnswer((int)reply.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), headers);
    }

    public void Dispose() => Http.Dispose();
}
