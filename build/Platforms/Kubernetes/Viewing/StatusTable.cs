using System.Globalization;
using System.Text;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Viewing;

/// <param name="Pod">Null where the instance has none.</param>
/// <param name="Coordinator">Null where it cannot be asked.</param>
public sealed record InstanceView(string Instance, bool IsDeployed, PodState? Pod, CoordinatorStatus? Coordinator);

/// <summary>The state of a deployment as lines. Pure.</summary>
internal static class StatusTable
{
    private static readonly string[] Header = ["INSTANCE", "POD", "PHASE", "READY", "RESTARTS", "NODE", "IMAGE", "COORDINATOR"];

    public static IEnumerable<string> Lines(string title, IReadOnlyList<InstanceView> instances, WorkProgress? progress, VerifySettings verify)
    {
        yield return title;
        List<string[]> rows = [Header, .. instances.Select(Row)];
        var widths = Header.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            yield return ("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))).TrimEnd();
        if (progress is null || verify.Kind != VerifyKind.PerformanceTest)
            yield break;
        var text = new StringBuilder("  progress: ")
            .Append(CultureInfo.InvariantCulture, $"{Figures.MiB(progress.HighestReceived)} of {Figures.MiB(verify.ExpectedBytes)} received")
            .Append(CultureInfo.InvariantCulture, $" ({Figures.Percent(progress.HighestReceived, verify.ExpectedBytes)})");
        if (progress.Rounds is [.., var last])
            text.Append(CultureInfo.InvariantCulture, $", {progress.Rounds.Count} of {verify.Rounds} rounds, the last at {Figures.GibPerSecond(last.GibPerSecond)} GiB/s");
        if (progress.ServerDone)
            text.Append(CultureInfo.InvariantCulture, $"; done: {progress.BytesReceived} bytes, {progress.OutOfOrder?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} out of order");
        yield return text.ToString();
    }

    private static string[] Row(InstanceView view) =>
    [
        view.Instance,
        view.Pod?.Name ?? (view.IsDeployed ? "none" : "not deployed"),
        view.Pod is { } pod ? Phase(pod) : "-",
        view.Pod is null ? "-" : view.Pod.IsReady ? "yes" : "no",
        view.Pod?.Restarts.ToString(CultureInfo.InvariantCulture) ?? "-",
        view.Pod?.Node ?? "-",
        view.Pod?.ImageId is { } image ? Digest(image) : "-",
        view.Coordinator is { } coordinator
            ? string.Create(CultureInfo.InvariantCulture, $"{coordinator.State}, epoch {coordinator.Epoch}, {coordinator.Checkpoints} checkpoints, {coordinator.Unacknowledged} unacknowledged")
            : "-",
    ];

    /// <summary>As <c>kubectl get pods</c> shows it: the phase knows neither ending nor back-off.</summary>
    private static string Phase(PodState pod) => pod.IsEnding ? "Terminating" : pod.Waiting ?? pod.Phase;

    private static string Digest(string image)
    {
        const int shown = 12;
        var at = image.IndexOf("sha256:", StringComparison.Ordinal);
        var digest = at < 0 ? image : image[at..];
        return digest.Length > "sha256:".Length + shown && at >= 0 ? digest[..("sha256:".Length + shown)] : digest;
    }
}
