using System.Net;
using System.Text;

namespace Ambrosia.Coordinator.Health;

/// <summary>What the health port shows.</summary>
internal interface IHealthSource
{
    bool Started { get; }

    bool Ready { get; }

    string StatusJson();

    /// <summary>Completes when a checkpoint of everything received so far is durable; the sequence ID after it.</summary>
    Task<long> TakeCheckpoint();
}

/// <summary>
/// Probes and questions over HTTP. The app ports accept one connection each, so nobody else may ever connect to those: probes come here.
/// </summary>
internal sealed class HealthServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly IHealthSource _source;

    public HealthServer(string host, int port, IHealthSource source)
    {
        _source = source;
        _listener.Prefixes.Add($"http://{(host == "0.0.0.0" ? "*" : host)}:{port}/");
        if (host == "127.0.0.1")
            _listener.Prefixes.Add($"http://localhost:{port}/"); // The same address, under the name that a person types.
        try
        {
            _listener.Start();
        }
        catch (HttpListenerException error)
        {
            throw new CoordinatorException(
                Codes.PortInUse, $"The health port {port} at {host} cannot be listened on: {error.Message}",
                "Another program listens there, or the host is not this machine's.", "Stop it, or choose another --health-port or --health-host.", inner: error);
        }
    }

    public void Start() => _ = Task.Run(ServeAsync);

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (!_listener.IsListening)
                    return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            // What a listener that is closed in the meantime answers: by itself it would send 200 and no body.
            context.Response.StatusCode = 503;
            var (status, body) = await DecideAsync(context.Request).ConfigureAwait(false);
            context.Response.StatusCode = status;
            context.Response.ContentType = body.StartsWith('{') ? "application/json" : "text/plain";
            var bytes = Encoding.UTF8.GetBytes(body + "\n");
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes).ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The asker went away.
        }
    }

    private async Task<(int Status, string Body)> DecideAsync(HttpListenerRequest request)
    {
        switch ((request.HttpMethod, request.Url?.AbsolutePath))
        {
            case ("GET", "/live"):
                return (200, "live");
            case ("GET", "/startup"):
                return _source.Started ? (200, "started") : (503, "starting");
            case ("GET", "/ready"):
                return _source.Ready ? (200, "ready") : (503, "not ready");
            case ("GET", "/status"):
                return (200, _source.StatusJson());
            case ("POST", "/checkpoint"):
                if (!_source.Ready)
                    return (503, "not primary");
                try
                {
                    return (200, $"{{\"nextSequenceId\":{await _source.TakeCheckpoint().ConfigureAwait(false)}}}");
                }
                catch (CoordinatorException error)
                {
                    return (503, error.Message);
                }

            default:
                return (404, "GET /startup /ready /live /status, POST /checkpoint");
        }
    }
}
