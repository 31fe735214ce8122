using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Access;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Answers each request: who asks, whether it goes wrong, whether it is allowed, and then what it asks for.</summary>
internal sealed class ApiServer(Cluster cluster, Func<HttpContext, string?> authenticate)
{
    private readonly ResourceHandler _resources = new(cluster);
    private readonly WatchHandler _watches = new(cluster);
    private readonly LogHandler _logs = new(cluster);
    private readonly byte[] _openApi = OpenApiDocument.Create(cluster.Options.GitVersion);

    public RequestLog Requests { get; } = new();

    public Faults Faults { get; } = new();

    public AccessControl Access { get; } = new();

    public Func<ExecCall, CancellationToken, Task<ExecResult>>? OnExec { get; set; }

    public async Task HandleAsync(HttpContext http)
    {
        var body = await ReadBodyAsync(http);
        var user = authenticate(http);
        var path = http.Request.Path.Value ?? "/";
        var query = http.Request.QueryString.Value ?? "";
        var record = new RecordedRequest(
            http.Request.Method, path, query, user, http.Request.Headers["Kubectl-Command"].ToString(), Encoding.UTF8.GetString(body));
        Requests.Add(record);
        var fault = Faults.Take(http.Request.Method, path + query);
        var answer = new AnswerStream(http, record, fault?.CutAfterBytes);
        try
        {
            if (fault is not null && await FailAsync(http, fault, answer))
                return;
            if (user is null)
                throw new ApiException(401, "Unauthorized", "Unauthorized");
            await RouteAsync(http, user, path, body, record, answer);
        }
        catch (ApiException refusal) when (!http.Response.HasStarted)
        {
            if (refusal.RetryAfter is { } seconds)
                http.Response.Headers.RetryAfter = $"{seconds}";
            await answer.SendAsync(refusal.Code, refusal.Status);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, or a fault cut it off.
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext http)
    {
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        return bytes.ToArray();
    }

    /// <returns>Whether the fault was the answer.</returns>
    private async Task<bool> FailAsync(HttpContext http, Fault fault, AnswerStream answer)
    {
        await Task.Delay(fault.Delay, cluster.Options.Clock, http.RequestAborted);
        if (fault.Cut)
        {
            http.Abort();
            return true;
        }

        if (fault.Status is not { } status)
            return false;
        if (fault.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        if (fault.Body is { } body)
            await answer.SendAsync(status, fault.ContentType, Encoding.UTF8.GetBytes(body));
        else
            await answer.SendAsync(status, Injected(status).Status);
        return true;
    }

    private static ApiException Injected(int status) => status switch
    {
        429 => new ApiException(429, "TooManyRequests", "Too many requests, please try again later."),
        500 => new ApiException(500, "InternalError", "Internal error occurred: etcdserver: request timed out"),
        503 => new ApiException(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => new ApiException(504, "Timeout", "Timeout: request did not complete within the allotted timeout"),
        _ => new ApiException(status, "", $"injected status {status}"),
    };

    private async Task RouteAsync(HttpContext http, string user, string path, byte[] body, RecordedRequest record, AnswerStream answer)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (segments)
        {
            case ["readyz" or "livez" or "healthz"]:
                await answer.SendAsync(200, "text/plain", "ok"u8.ToArray());
                return;
            case ["version"]:
                await answer.SendAsync(200, Version());
                return;
            case ["openapi", "v2"]:
                await answer.SendAsync(200, OpenApiDocument.ContentType, _openApi);
                return;
            case ["api"]:
                await answer.SendAsync(200, Discovery.Versions);
                return;
            case ["apis"]:
                await answer.SendAsync(200, Discovery.GroupList(cluster.Options.SilentGroups));
                return;
            case ["apis", var group, ..] when cluster.Options.SilentGroups.Contains(group):
                await answer.SendAsync(503, "text/plain", "service unavailable\n"u8.ToArray());
                return;
            case ["api", var version]:
                await answer.SendAsync(200, Discovery.Resources("", version) ?? throw ApiException.NoSuchPath());
                return;
            case ["apis", var group, var version]:
                await answer.SendAsync(200, Discovery.Resources(group, version) ?? throw ApiException.NoSuchPath());
                return;
            case ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] when http.Request.Method == "POST":
                await answer.SendAsync(201, AccessReview.Answer(body, user, Access));
                return;
            case ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"] when http.Request.Method == "POST" && cluster.Minor >= 28:
                await answer.SendAsync(201, Self(user));
                return;
            case ["api", "v1", .. var rest]:
                await ServeAsync(Parse(http, user, "", rest, body), record, answer);
                return;
            case ["apis", var group, "v1", .. var rest]:
                await ServeAsync(Parse(http, user, group, rest, body), record, answer);
                return;
            default:
                throw ApiException.NoSuchPath();
        }
    }

    private static ApiRequest Parse(HttpContext http, string user, string group, string[] segments, byte[] body)
    {
        var @namespace = "";

        // Namespaces themselves have the same beginning: /namespaces/NAME[/status].
        if (segments is ["namespaces", var name, _, ..] and not [_, _, "status" or "finalize"])
        {
            @namespace = name;
            segments = segments[2..];
        }

        var type = ResourceType.All.FirstOrDefault(type => type.Group == group && segments.Length > 0 && type.Plural == segments[0]) ?? throw ApiException.NoSuchPath();
        if (@namespace.Length > 0 && !type.Namespaced)
            throw ApiException.NoSuchPath();
        return new ApiRequest(http, user, type, @namespace, segments.ElementAtOrDefault(1) ?? "", segments.ElementAtOrDefault(2) ?? "", body);
    }

    private async Task ServeAsync(ApiRequest request, RecordedRequest record, AnswerStream answer)
    {
        Authorize(request);
        var cancellation = request.Http.RequestAborted;
        switch (request.Method, request.Subresource)
        {
            case ("GET", "log"):
                await _logs.RunAsync(request, _resources.Find(request), answer, cancellation);
                return;
            case ("GET" or "POST", "exec"):
                var pod = _resources.Find(request);
                // Servers before 1.30 pass the upgrade on to the kubelet; newer ones have accepted the WebSocket by the time that they ask it.
                if (cluster.Minor < 30 && cluster.UnreachedKubeletOf(pod) is { } address)
                    throw new ApiException(500, "", $"error dialing backend: dial tcp {address}: connect: connection refused");
                await ExecHandler.RunAsync(
                    request, pod, record, cluster.UnreachedKubeletOf(pod) is { } kubelet ? (call, _) => Unreached(kubelet, call) : OnExec ?? NoCommands, cancellation);
                return;
            case ("POST", "eviction"):
                await answer.SendAsync(201, _resources.Evict(request));
                return;
            case ("GET", "") when request.IsWatch:
                await _watches.RunAsync(request, answer, cancellation);
                return;
            case ("GET", "") when request.Name.Length == 0:
                await answer.SendAsync(200, _resources.List(request));
                return;
            case ("GET", "" or "scale" or "status"):
                await answer.SendAsync(200, _resources.Get(request));
                return;
            case ("POST", "") when request.Name.Length == 0:
                await SendAsync(_resources.Create(request), answer);
                return;
            case ("PUT", "" or "scale" or "status") when request.Name.Length > 0:
                await answer.SendAsync(200, _resources.Replace(request));
                return;
            case ("PATCH", "" or "scale" or "status") when request.Name.Length > 0:
                await SendAsync(_resources.Patch(request), answer);
                return;
            case ("DELETE", ""):
                await answer.SendAsync(200, request.Name.Length > 0 ? _resources.Delete(request) : _resources.DeleteCollection(request));
                return;
            default:
                throw ApiException.MethodNotAllowed();
        }
    }

    private static Task SendAsync((int Code, JsonObject Item) result, AnswerStream answer) => answer.SendAsync(result.Code, result.Item);

    private void Authorize(ApiRequest request)
    {
        var resource = request.Subresource.Length > 0 ? $"{request.Type.Qualified}/{request.Subresource}" : request.Type.Qualified;

        // A namespace is asked for as something inside itself.
        var @namespace = request.Type.Kind == "Namespace" ? request.Name : request.Namespace;
        if (!Access.Allows(request.User, request.Verb, resource, @namespace))
            throw AccessControl.Refusal(request.User, request.Verb, request.Type, request.Subresource, @namespace, request.Name);
    }

    private JsonObject Self(string user) => new()
    {
        ["kind"] = "SelfSubjectReview",
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["metadata"] = new JsonObject { ["creationTimestamp"] = Timestamps.Seconds(cluster.Now) },
        ["status"] = new JsonObject
        {
            ["userInfo"] = new JsonObject { ["username"] = user, ["groups"] = new JsonArray("system:authenticated") },
        },
    };

    private JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = $"{cluster.Minor}",
        ["gitVersion"] = cluster.Options.GitVersion,
        ["gitCommit"] = new string('0', 40),
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-01-01T00:00:00Z",
        ["goVersion"] = "go1.24.0",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };

    private static Task<ExecResult> Unreached(string kubelet, ExecCall call) => Task.FromResult(new ExecResult(1)
    {
        ProxyError = $"error sending request: Post \"https://{kubelet}/exec/{call.Namespace}/{call.Pod}/{call.Container}?command={call.Command[0]}&error=1&output=1\": "
            + $"dial tcp {kubelet}: connect: connection refused",
    });

    private static Task<ExecResult> NoCommands(ExecCall call, CancellationToken cancellation) => Task.FromResult(new ExecResult(0)
    {
        StartError = $"exec: \"{call.Command[0]}\": executable file not found in $PATH: unknown",
    });
}
