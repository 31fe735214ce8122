using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Speaks the WebSocket protocol v5.channel.k8s.io: each binary frame begins with the number of its channel.</summary>
internal static class ExecHandler
{
    private const string Protocol = "v5.channel.k8s.io";
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte Error = 3;
    private const byte CloseChannel = 255;

    /// <summary>No command of a real container answers sooner.</summary>
    private static readonly TimeSpan ProcessStart = TimeSpan.FromMilliseconds(30);

    public static async Task RunAsync(
        ApiRequest request, JsonObject pod, RecordedRequest record, Func<ExecCall, CancellationToken, Task<ExecResult>> run, CancellationToken cancellation)
    {
        var http = request.Http;
        var containers = pod.Items("spec", "containers").Select(item => item.Text("name") ?? "").ToList();
        var container = request.Query("container") ?? containers[0];
        if (!containers.Contains(container))
            throw ApiException.BadRequest($"container {container} is not valid for pod {pod.Name()}");
        var status = pod.Items("status", "containerStatuses").FirstOrDefault(item => item.Text("name") == container);
        if (status.At("state", "running") is null)
            throw new ApiException(500, "InternalError", $"Internal error occurred: unable to upgrade connection: container not found (\"{container}\")");

        // A client that cannot speak this protocol falls back to SPDY, which this server does not speak.
        if (!http.WebSockets.IsWebSocketRequest || !http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol))
            throw ApiException.BadRequest("Upgrade request required");
        record.Status = StatusCodes.Status101SwitchingProtocols;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(Protocol);
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var input = new StringBuilder();
        var inputEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var receiving = ReceiveAsync(socket, input, inputEnd, life);
        try
        {
            if (request.Query("stdin") == "true")
                await inputEnd.Task.WaitAsync(life.Token);
            var command = http.Request.Query["command"].Select(part => part ?? "").ToList();
            var result = await run(new ExecCall(request.Namespace, pod.Name(), container, command, input.ToString()), life.Token);
            // kubectl before 1.34 loses what comes before it has made its streams (kubernetes/kubernetes#131189).
            await Task.Delay(ProcessStart, life.Token);
            await SendAsync(socket, Stdout, result.Stdout, life.Token);
            await SendAsync(socket, Stderr, result.Stderr, life.Token);
            await SendAsync(socket, Error, Outcome(result).ToJsonString(), life.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, life.Token);
            await receiving.WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            http.Abort();
        }
    }

    private static JsonObject Outcome(ExecResult result)
    {
        var status = new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Failure" };
        if (result.ProxyError is { } unreached)
        {
            status["message"] = $"Internal error occurred: {unreached}";
            status["reason"] = "InternalError";
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = unreached }) };
            status["code"] = 500;
            return status;
        }

        if (result.StartError is { } problem)
        {
            status["message"] = $"Internal error occurred: error executing command in container: {problem}";
            status["reason"] = "InternalError";
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = $"error executing command in container: {problem}" }) };
            status["code"] = 500;
        }
        else if (result.ExitCode == 0)
        {
            status["status"] = "Success";
        }
        else
        {
            status["message"] = $"command terminated with non-zero exit code: error executing command, exit code {result.ExitCode}";
            status["reason"] = "NonZeroExitCode";
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = $"{result.ExitCode}" }) };
        }

        return status;
    }

    private static async Task ReceiveAsync(WebSocket socket, StringBuilder input, TaskCompletionSource inputEnd, CancellationTokenSource life)
    {
        var buffer = new byte[16384];
        var bytes = new List<byte>();
        var frame = new List<byte>();
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), life.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    // The client has gone: so does the command.
                    if (socket.State == WebSocketState.CloseReceived)
                        await life.CancelAsync();
                    return;
                }

                frame.AddRange(buffer.AsSpan(0, received.Count));
                if (!received.EndOfMessage || frame.Count == 0)
                    continue;
                if (frame[0] == Stdin)
                {
                    bytes.AddRange(frame.Skip(1));
                }
                else if (frame is [CloseChannel, Stdin])
                {
                    input.Append(Encoding.UTF8.GetString([.. bytes]));
                    inputEnd.TrySetResult();
                }

                frame.Clear();
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            await life.CancelAsync();
        }
    }

    private static async Task SendAsync(WebSocket socket, byte channel, string text, CancellationToken cancellation)
    {
        if (text.Length == 0)
            return;
        byte[] frame = [channel, .. Encoding.UTF8.GetBytes(text)];
        await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cancellation);
    }
}
