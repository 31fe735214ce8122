using System.Diagnostics;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Faults;
using Ambrosia.Emulators.Azure.State;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>What every request passes: it is recorded, its path made uniform, a fault may meet it, its token and right are checked, and tests are told
/// of what it changes.</summary>
internal sealed partial class RequestPipeline(
    AzureState state, RequestLog log, FaultPlan faults, AccessTokens tokens, MutationHooks hooks, SentinelSecrets secrets, TimeProvider clock)
{
    private const string BodyItem = "azure.body";

    /// <summary>The outermost middleware: one record a request, whatever becomes of it.</summary>
    public async Task RecordAsync(HttpContext http, RequestDelegate next)
    {
        var watch = Stopwatch.StartNew();
        var time = clock.GetUtcNow();
        var number = log.NextNumber();
        var path = http.Request.Path.Value ?? "/";
        var body = IsRegistryData(path) ? "" : await ReadAsync(http.Request);
        http.Items[BodyItem] = body;
        try
        {
            await next(http);
        }
        finally
        {
            var dropped = http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted;
            log.Add(new RecordedRequest(
                number, time, http.Request.Method, path, secrets.Mask(http.Request.QueryString.Value ?? ""), MaskBody(body),
                dropped ? 0 : http.Response.StatusCode, watch.Elapsed, (http.Items[RequestItems.Fault] as Fault)?.Name,
                http.Request.Headers.UserAgent.ToString()));
        }
    }

    /// <summary>Makes the path one that routes know: single slashes, and the scope of an extension resource taken out.</summary>
    public static Task NormaliseAsync(HttpContext http, RequestDelegate next)
    {
        var path = Slashes().Replace(http.Request.Path.Value ?? "/", "/");
        http.Items[RequestItems.Path] = path;
        if (ExtensionResource().Match(path) is { Success: true } extension)
        {
            http.Items[RequestItems.Scope] = extension.Groups["scope"].Value;
            http.Request.Path = "/extension/" + extension.Groups["rest"].Value;
        }
        else
        {
            http.Request.Path = path.Length > 1 && !path.StartsWith("/v2", StringComparison.OrdinalIgnoreCase) ? path.TrimEnd('/') : path;
        }
        return next(http);
    }

    public async Task MeetFaultAsync(HttpContext http, RequestDelegate next)
    {
        var path = (string)http.Items[RequestItems.Path]!;
        if (faults.Meeting(http.Request.Method, path) is not { } fault)
        {
            await next(http);
            return;
        }
        http.Items[RequestItems.Fault] = fault;
        switch (fault.Kind)
        {
            case FaultKind.Refuse:
                var reply = ApiReply.Error(fault.Status, fault.Code, fault.Message);
                if (fault.RetryAfter is { } wait)
                {
                    reply = reply with
                    {
                        Headers = new Dictionary<string, string>
                        {
                            ["Retry-After"] = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
                        },
                    };
                }
                if (fault.Status == 401)
                    reply = reply with { Headers = Challenge("invalid_token", fault.Message) };
                await WriteAsync(http, reply);
                break;
            case FaultKind.Drop:
                http.Abort();
                break;
            case FaultKind.Slow:
                await Task.Delay(fault.Delay, http.RequestAborted);
                await next(http);
                break;
            case FaultKind.LoseReply:
                http.Items[RequestItems.LoseReply] = true;
                await next(http);
                break;
            default:
                http.Items[RequestItems.OperationFault] = new OperationFault(fault.Code, fault.Message);
                await next(http);
                break;
        }
    }

    /// <summary>Resource Manager and Graph want a token that was issued here and lives, and the right to what is asked.</summary>
    public async Task AuthorizeAsync(HttpContext http, RequestDelegate next)
    {
        var path = (string)http.Items[RequestItems.Path]!;
        if (!NeedsToken(path))
        {
            await next(http);
            return;
        }
        var token = AccessTokens.Bearer(http.Request.Headers.Authorization);
        if (!tokens.IsGood(token))
        {
            var refusal = token is null
                ? ApiReply.Error(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
                : tokens.IsKnown(token)
                    ? ApiReply.Error(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.")
                    : ApiReply.Error(401, "InvalidAuthenticationToken", "The access token is invalid.");
            await WriteAsync(http, refusal with { Headers = Challenge("invalid_token", "The access token is not valid.") });
            return;
        }
        if (ArmAction.Of(http.Request.Method, path) is { } action && Denied(action))
        {
            await WriteAsync(http, ApiReply.Error(403, "AuthorizationFailed",
                $"The client '{state.Options.ClientId}' with object id '{state.Options.PrincipalId}' does not have authorization to perform action "
                + $"'{action}' over scope '{path}' or the scope is invalid. If access was recently granted, please refresh your credentials."));
            return;
        }
        await next(http);
    }

    /// <summary>Runs an endpoint, with the tests told before and after it where it changes something.</summary>
    public async Task AnswerAsync(HttpContext http, Func<ApiRequest, ApiReply> endpoint)
    {
        var request = new ApiRequest(http, (string)http.Items[BodyItem]!);
        Mutation? mutation = null;
        try
        {
            if (MutationHooks.IsMutation(http.Request.Method, request.Path))
                mutation = await hooks.BeforeAsync(http.Request.Method, request.Path);
        }
        catch (OperationCanceledException)
        {
            // A test keeps this mutation from happening.
            http.Abort();
            return;
        }
        var reply = endpoint(request);
        if (reply.Delay > TimeSpan.Zero)
            await Task.Delay(reply.Delay, clock, http.RequestAborted);
        if (mutation is not null)
            await hooks.AfterAsync(mutation, reply.Status);
        if (http.Items.ContainsKey(RequestItems.LoseReply))
            http.Abort();
        else
            await WriteAsync(http, reply);
    }

    public static async Task WriteAsync(HttpContext http, ApiReply reply)
    {
        http.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
            http.Response.Headers[name] = value;
        if (reply.Body is null || http.Request.Method == "HEAD")
            return;
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(reply.Body.ToJsonString(), http.RequestAborted);
    }

    private static Dictionary<string, string> Challenge(string error, string description) => new()
    {
        ["WWW-Authenticate"] = $"Bearer error=\"{error}\", error_description=\"{description}\"",
    };

    private static bool NeedsToken(string path) =>
        new[] { "/subscriptions", "/providers", "/tenants", "/v1.0" }.Any(prefix => path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Layers and manifests are streamed, never read here.</summary>
    private static bool IsRegistryData(string path) => path.StartsWith("/v2/", StringComparison.OrdinalIgnoreCase);

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    }

    private bool Denied(string action)
    {
        lock (state.Gate)
            return state.IsDenied(action);
    }

    /// <summary>A wrong secret is still somebody's: fields that carry secrets are masked by name as well.</summary>
    private string MaskBody(string body) => SecretField().Replace(secrets.Mask(body), "$1***");

    [GeneratedRegex("/{2,}")]
    private static partial Regex Slashes();

    [GeneratedRegex(
        "^(?<scope>.*?)/providers/(?<rest>Microsoft\\.Authorization/(roleAssignments|roleDefinitions|permissions|policyAssignments)(/[^/]+)?|Microsoft\\.Resources/tags/default)/?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex ExtensionResource();

    [GeneratedRegex("((?:^|&)(?:client_secret|client_assertion|access_token|refresh_token|password)=)[^&]*", RegexOptions.IgnoreCase)]
    private static partial Regex SecretField();
}
