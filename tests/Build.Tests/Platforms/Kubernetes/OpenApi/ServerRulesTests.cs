using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>Each rule notices what breaks it: a manifest that is right, and one value in it changed.</summary>
public sealed class ServerRulesTests
{
    private const string Labels = "metadata.labels";
    private const string Container = "spec.template.spec.containers.0";
    private const string InContainer = "spec.template.spec.containers";

    private static readonly string Long = new('a', 64);

    private static readonly object[][] Broken =
    [
        ["Namespace", "metadata.name", "\"a.b\"", "metadata.name"],
        ["Namespace", "metadata.namespace", "\"a\"", "metadata.namespace"],
        ["Secret", "metadata.name", "\"A\"", "metadata.name"],
        ["Secret", "metadata.namespace", "null", "metadata.namespace"],
        ["Secret", "data", """{ "a b": "" }""", "data"],
        ["Secret", "type", "\"kubernetes.io/dockerconfigjson\"", "data"],
        ["Service", "metadata.name", "\"9a\"", "metadata.name"],
        ["Service", "metadata.name", $"\"{Long}\"", "metadata.name"],
        ["Service", "spec.selector", $$"""{ "a": "{{Long}}" }""", "spec.selector"],
        ["Service", "spec.ports.0.name", "\"a_b\"", "spec.ports"],
        ["Service", "spec.ports.0.port", "65536", "spec.ports"],
        ["Service", "spec.ports.0.targetPort", "\"sixteen-letters1\"", "spec.ports"],
        ["PersistentVolume", "spec.accessModes", "[]", "spec.accessModes"],
        ["PersistentVolume", "spec.capacity", "{}", "spec.capacity"],
        ["PersistentVolume", "spec.persistentVolumeReclaimPolicy", "\"Recycle\"", "spec.persistentVolumeReclaimPolicy"],
        ["PersistentVolume", "spec.csi.volumeHandle", "\"\"", "spec.csi"],
        ["PersistentVolume", "spec.csi.nodeStageSecretRef.namespace", "null", "spec.csi.nodeStageSecretRef"],
        ["PersistentVolumeClaim", "spec.accessModes.0", "\"ReadWrite\"", "spec.accessModes"],
        ["PersistentVolumeClaim", "spec.resources.requests", "{}", "spec.resources.requests"],
        ["PersistentVolumeClaim", "spec.storageClassName", "\"A\"", "spec.storageClassName"],
        ["StatefulSet", "metadata.name", $"\"{Long[..53]}\"", "metadata.name"],
        ["StatefulSet", Labels, """{ "a b": "c" }""", Labels],
        ["StatefulSet", Labels, """{ "a/b/c": "d" }""", Labels],
        ["StatefulSet", Labels, """{ "A/b": "c" }""", Labels],
        ["StatefulSet", Labels, """{ "a": "-" }""", Labels],
        ["StatefulSet", "metadata.annotations", """{ "a..b/c": "d" }""", "metadata.annotations"],
        ["StatefulSet", "spec.selector.matchLabels", """{ "other": "a" }""", "spec.selector"],
        ["StatefulSet", "spec.template.metadata.annotations", """{ "seccomp.security.alpha.kubernetes.io/pod": "" }""", "spec.template.metadata.annotations"],
        ["StatefulSet", "spec.template.spec.nodeSelector", """{ "beta.kubernetes.io/os": "linux" }""", "spec.template.spec.nodeSelector"],
        ["StatefulSet", "spec.template.spec.restartPolicy", "\"Never\"", "spec.template.spec.restartPolicy"],
        ["StatefulSet", "spec.template.spec.imagePullSecrets.0.name", "\"A\"", "spec.template.spec.imagePullSecrets"],
        ["StatefulSet", "spec.template.spec.volumes.1.name", "\"logs\"", "spec.template.spec.volumes", $"{InContainer}.volumeMounts"],
        ["StatefulSet", "spec.template.spec.volumes.0.persistentVolumeClaim.claimName", "\"A\"", "spec.template.spec.volumes"],
        ["StatefulSet", $"{Container}.name", "\"a.b\"", "spec.template.spec"],
        ["StatefulSet", $"{Container}.image", "\" a\"", $"{InContainer}.image"],
        ["StatefulSet", $"{Container}.imagePullPolicy", "\"Sometimes\"", $"{InContainer}.imagePullPolicy"],
        ["StatefulSet", $"{Container}.ports.0.name", "\"a--b\"", $"{InContainer}.ports"],
        ["StatefulSet", $"{Container}.ports.0.name", "\"80\"", $"{InContainer}.ports"],
        ["StatefulSet", $"{Container}.ports.0.name", "\"health\"", $"{InContainer}.ports"],
        ["StatefulSet", $"{Container}.ports.1.name", "\"other\"", $"{InContainer}.startupProbe", $"{InContainer}.livenessProbe", $"{InContainer}.readinessProbe"],
        ["StatefulSet", $"{Container}.ports.0.containerPort", "0", $"{InContainer}.ports"],
        ["StatefulSet", $"{Container}.env.0.name", "\"1=2\"", $"{InContainer}.env"],
        ["StatefulSet", $"{Container}.env.0.valueFrom", "{}", $"{InContainer}.env"],
        ["StatefulSet", $"{Container}.volumeMounts.0.name", "\"none\"", $"{InContainer}.volumeMounts"],
        ["StatefulSet", $"{Container}.volumeMounts.0.mountPath", "\"/tmp\"", $"{InContainer}.volumeMounts"],
        ["StatefulSet", $"{Container}.volumeMounts.0.mountPath", "\"/a:b\"", $"{InContainer}.volumeMounts"],
        ["StatefulSet", $"{Container}.volumeMounts.0.subPath", "\"../a\"", $"{InContainer}.volumeMounts"],
        ["StatefulSet", $"{Container}.readinessProbe.timeoutSeconds", "0", $"{InContainer}.readinessProbe"],
    ];

    [TestCaseSource(nameof(Broken))]
    public void A_broken_rule_is_noticed(string kind, string path, string value, params string[] problems)
    {
        var item = (JsonObject)ManifestBuilder.Build(Specs.OnShare).First(item => item.Kind == kind).Content.DeepClone();
        Assert.That(ServerRules.Problems(new KubeObject(item)), Is.Empty);

        Set(item, path.Split('.'), JsonNode.Parse(value));

        Assert.That(ServerRules.Problems(new KubeObject(item)).Select(problem => problem.Split(':')[0]), Is.EqualTo(problems));
    }

    [Test]
    public void A_kind_without_rules_is_noticed() => Assert.That(
        ServerRules.Problems(new KubeObject(JsonNode.Parse("""{ "kind": "Lease", "metadata": { "name": "a", "namespace": "b" } }""")!.AsObject())),
        Is.EqualTo(new[] { "no rules are written down for this kind" }));

    private static void Set(JsonNode item, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (path.Length > 1)
            Set(item is JsonArray array ? array[int.Parse(path[0], null)]! : item[path[0]]!, path[1..], value);
        else if (item is JsonArray items)
            items[int.Parse(path[0], null)] = value;
        else
            item[path[0]] = value;
    }
}
