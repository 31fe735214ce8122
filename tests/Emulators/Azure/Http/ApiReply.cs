using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>What an endpoint answers.</summary>
internal sealed record ApiReply(int Status, JsonNode? Body = null)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Time until the reply is sent: for work that Azure does while the client waits.</summary>
    public TimeSpan Delay { get; init; }

    public static ApiReply Ok(JsonNode body) => new(200, body);

    public static ApiReply Error(int status, string code, string message) => new(status, ErrorBody(code, message));

    public static JsonObject ErrorBody(string code, string message) => new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } };
}
