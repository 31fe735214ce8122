using System.Text.Json;

namespace Ambrosia.Build.Platforms.Kubernetes.Viewing;

/// <summary>What <c>ImmortalCoordinator status</c> answers.</summary>
/// <param name="State">Such as <c>primary</c> or <c>recovering</c>.</param>
/// <param name="Epoch">Counts the owners that the log has had.</param>
/// <param name="Unacknowledged">Messages that peers have not acknowledged yet.</param>
public sealed record CoordinatorStatus(string State, long Epoch, long Checkpoints, long ReplayedRecords, long Unacknowledged)
{
    /// <summary>Null when it is no such answer.</summary>
    public static CoordinatorStatus? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new CoordinatorStatus(
                root.GetProperty("state").GetString() ?? "unknown", Number(root, "epoch"), Number(root, "checkpoints"), Number(root, "replayedRecords"),
                root.TryGetProperty("peers", out var peers) ? peers.EnumerateArray().Sum(peer => Number(peer, "unacknowledged")) : 0);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
