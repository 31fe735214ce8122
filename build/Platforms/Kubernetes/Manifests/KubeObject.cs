using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>One object of the API as JSON, as it is applied or as the server shows it.</summary>
public sealed record KubeObject(JsonObject Content)
{
    public string Kind => (string)Content["kind"]!;

    public string Name => (string)Content["metadata"]!["name"]!;

    /// <summary>As kubectl takes it: <c>statefulset/generated-a</c>.</summary>
    public string Id => $"{KindName}/{Name}";

    /// <summary>For a person: "StatefulSet generated-a".</summary>
    public string Title => $"{Kind} {Name}";

#pragma warning disable CA1308 // resource names of the API are lower case
    private string KindName => Kind.ToLowerInvariant();
#pragma warning restore CA1308

    public string? Label(string name) => (string?)Content["metadata"]?["labels"]?[name];

    public string? Annotation(string name) => (string?)Content["metadata"]?["annotations"]?[name];

    /// <summary>A copy with an annotation; null removes it.</summary>
    public KubeObject WithAnnotation(string name, string? value)
    {
        var copy = (JsonObject)Content.DeepClone();
        var metadata = (JsonObject)copy["metadata"]!;
        if (metadata["annotations"] is not JsonObject annotations)
            metadata["annotations"] = annotations = [];
        if (value is null)
            annotations.Remove(name);
        else
            annotations[name] = value;
        if (annotations.Count == 0)
            metadata.Remove("annotations");
        return new KubeObject(copy);
    }

    public T As<T>() => KubernetesJson.Deserialize<T>(Content.ToJsonString());

    public static KubeObject Of<T>(T model)
        where T : IKubernetesObject<V1ObjectMeta> =>
        new((JsonObject)JsonNode.Parse(KubernetesJson.Serialize(model))!);

    /// <summary>Objects as one document for <c>kubectl apply</c>, in this order.</summary>
    public static string ToManifest(IEnumerable<KubeObject> objects) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. objects.Select(item => item.Content.DeepClone())]),
    }.ToJsonString();
}
