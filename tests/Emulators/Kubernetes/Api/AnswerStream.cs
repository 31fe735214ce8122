using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>The body of an answer, which a fault may cut.</summary>
internal sealed class AnswerStream(HttpContext http, RecordedRequest record, int? cutAfter)
{
    private int _written;

    public async Task BeginAsync(int status, string contentType)
    {
        record.Status = status;
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    public async Task SendAsync(int status, JsonNode body)
    {
        record.Status = status;
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await WriteAsync(Encoding.UTF8.GetBytes(body.ToJsonString() + "\n"));
    }

    public async Task SendAsync(int status, string contentType, byte[] body)
    {
        record.Status = status;
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        await WriteAsync(body);
    }

    public Task WriteLineAsync(JsonNode line) => WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var left = cutAfter is { } limit ? Math.Max(0, limit - _written) : int.MaxValue;
        var sent = bytes.Length > left ? bytes[..left] : bytes;
        await http.Response.Body.WriteAsync(sent, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        _written += sent.Length;

        // An answer that fails midway is sent as far as it came, and then its connection ends without the end of the body.
        if (sent.Length < bytes.Length)
            throw new IOException("A fault cut this answer.");
    }
}
