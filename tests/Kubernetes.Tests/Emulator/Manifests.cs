using System.Text.Json.Nodes;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>Objects of the kinds that a deployment has, small.</summary>
internal static class Manifests
{
    public static JsonObject Labels => new() { ["app.kubernetes.io/name"] = "web", ["app.kubernetes.io/part-of"] = "ambrosia" };

    public static JsonObject Namespace(string name = "ambrosia") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "ambrosia" } },
    };

    public static JsonObject Secret(string value = "czNjcjN0") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = Metadata("web-secret"),
        ["type"] = "Opaque",
        ["data"] = new JsonObject { ["token"] = value },
    };

    public static JsonObject Service() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = Metadata("web"),
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["app.kubernetes.io/name"] = "web" },
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "peer", ["port"] = 1500, ["targetPort"] = "peer" }),
        },
    };

    public static JsonObject StatefulSet(string name = "web", string mode = "a", int replicas = 1, string image = "registry.invalid/web:1") => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "StatefulSet",
        ["metadata"] = Metadata(name),
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["serviceName"] = name,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app.kubernetes.io/name"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = name, ["app.kubernetes.io/part-of"] = "ambrosia" } },
                ["spec"] = new JsonObject
                {
                    ["terminationGracePeriodSeconds"] = 10,
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "web",
                        ["image"] = image,
                        ["env"] = new JsonArray(new JsonObject { ["name"] = "MODE", ["value"] = mode }),
                        ["ports"] = new JsonArray(new JsonObject { ["name"] = "peer", ["containerPort"] = 1500 }),
                        ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "0.5", ["memory"] = "1024Mi" } },
                        ["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["path"] = "/ready", ["port"] = 8080 } },
                        ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "logs", ["mountPath"] = "/logs" }),
                    }),
                },
            },
            ["volumeClaimTemplates"] = new JsonArray(new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "logs" },
                ["spec"] = new JsonObject
                {
                    ["accessModes"] = new JsonArray("ReadWriteOnce"),
                    ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
                },
            }),
        },
    };

    public static JsonObject Deployment(string image = "registry.invalid/web:1", int deadline = 600)
    {
        var deployment = StatefulSet(image: image);
        deployment["kind"] = "Deployment";
        var spec = (JsonObject)deployment["spec"]!;
        spec.Remove("serviceName");
        spec.Remove("volumeClaimTemplates");
        spec["strategy"] = new JsonObject { ["type"] = "Recreate" };
        spec["progressDeadlineSeconds"] = deadline;
        ((JsonObject)spec["template"]!["spec"]!["containers"]![0]!).Remove("volumeMounts");
        return deployment;
    }

    /// <summary>Objects as one document for <c>kubectl apply -f -</c>.</summary>
    public static string List(params IEnumerable<JsonObject> items) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. items]),
    }.ToJsonString();

    private static JsonObject Metadata(string name)
    {
        var labels = Labels;
        labels["app.kubernetes.io/name"] = name == "web-secret" ? "web" : name;
        return new JsonObject { ["name"] = name, ["namespace"] = "ambrosia", ["labels"] = labels };
    }
}
