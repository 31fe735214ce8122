using System.Text.Json;
using Ambrosia.Build.Errors;
using k8s;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>What <c>kubectl get A,B -o json</c> answers, by kind; kinds that nobody asked for are passed over. Immutable.</summary>
public sealed record ClusterObjects
{
    public IReadOnlyList<V1StatefulSet> StatefulSets { get; init; } = [];

    public IReadOnlyList<V1Pod> Pods { get; init; } = [];

    public IReadOnlyList<V1PersistentVolumeClaim> Claims { get; init; } = [];

    public IReadOnlyList<V1Node> Nodes { get; init; } = [];

    public IReadOnlyList<Corev1Event> Events { get; init; } = [];

    /// <summary>A list of any mix of kinds, or one object.</summary>
    /// <exception cref="BuildException">AMB5012: it is not what kubectl answers.</exception>
    public static ClusterObjects Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? """{"items":[]}""" : json);
            List<JsonElement> items = document.RootElement.TryGetProperty("items", out var list) ? [.. list.EnumerateArray()] : [document.RootElement];
            return new ClusterObjects
            {
                StatefulSets = Of<V1StatefulSet>(items, "StatefulSet"),
                Pods = Of<V1Pod>(items, "Pod"),
                Claims = Of<V1PersistentVolumeClaim>(items, "PersistentVolumeClaim"),
                Nodes = Of<V1Node>(items, "Node"),
                Events = Of<Corev1Event>(items, "Event"),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new BuildException(
                ErrorCode.ClusterRequestFailed, "kubectl did not answer with the objects that were asked for.", cause: exception.Message,
                remedy: "run kubectl get with -o json by hand; a plugin or proxy may print beside its answer", inner: exception);
        }
    }

    private static List<T> Of<T>(List<JsonElement> items, string kind) =>
    [
        .. items.Where(item => item.TryGetProperty("kind", out var name) && name.ValueEquals(kind))
            .Select(item => KubernetesJson.Deserialize<T>(item.GetRawText())),
    ];
}
