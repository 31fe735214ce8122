using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Tests.Platforms.Aks.Arm;

/// <summary>The end of an HttpClient's pipeline that answers as a test says; it never touches a network.</summary>
internal sealed class FakeArm(Func<HttpRequestMessage, string, HttpResponseMessage> answer) : HttpMessageHandler, IArmCredentials
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly List<string?> _refused = [];

    /// <summary><c>METHOD path?query</c> of each request, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public IReadOnlyList<string?> Refused => _refused;

    public ArmTraffic Traffic { get; } = new();

    public SecretMask Mask { get; } = new();

    public JumpingClock Clock { get; } = new();

    public ArmClient Client() => new(this, new ArmTransport(() => this), Traffic, Mask, Clock);

    /// <summary>Answers by the path and query; 404 for all that is not listed.</summary>
    public static FakeArm Of(params (string Address, string Json)[] answers) => new((request, _) =>
        answers.FirstOrDefault(answer => request.RequestUri!.PathAndQuery.StartsWith(answer.Address, StringComparison.OrdinalIgnoreCase)) is { Json: { } json }
            ? Json(json)
            : Json("""{"error":{"code":"ResourceNotFound","message":"there is none"}}""", HttpStatusCode.NotFound));

    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    public Task<Uri> GetEndpointAsync(CancellationToken cancellation) => Task.FromResult(new Uri("https://arm.test/"));

    public Task<string> GetTokenAsync(string? refused, CancellationToken cancellation)
    {
        lock (_refused)
        {
            _refused.Add(refused);
            return Task.FromResult(refused is null ? "token-1" : "token-2");
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return answer(request, body);
    }
}
