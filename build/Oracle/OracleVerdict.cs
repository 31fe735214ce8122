using System.Globalization;

namespace Ambrosia.Build.Oracle;

/// <summary>
/// The oracle of the performance test: the Server's last total is exactly what the Job was told to send, and nothing came out of
/// order, however often anything was killed. Both are part of the Server's checkpointed state.
/// </summary>
/// <param name="Holds">Whether the run lost, doubled and reordered nothing.</param>
/// <param name="Text">"Bytes received N of M, K out of order".</param>
/// <param name="Problem">What is wrong; null when it holds.</param>
public sealed record OracleVerdict(bool Holds, string Text, string? Problem)
{
    public static OracleVerdict Judge(WorkProgress progress, long expectedBytes)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"Bytes received {progress.BytesReceived?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} of {expectedBytes}, {progress.OutOfOrder?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} out of order");
        var problem = progress switch
        {
            { JobDone: false } => "the Job did not finish",
            { BytesReceived: null } => "the Server never printed its total",
            { OutOfOrder: null } => "the Server never printed how many messages came out of order",
            { OutOfOrder: > 0 and var messages } => $"{messages} messages came out of order",
            { BytesReceived: var received } when received < expectedBytes => $"{expectedBytes - received} bytes are missing",
            { BytesReceived: var received } when received > expectedBytes => $"{received - expectedBytes} bytes too many arrived",
            _ => null,
        };
        return new OracleVerdict(problem is null, text, problem);
    }
}
