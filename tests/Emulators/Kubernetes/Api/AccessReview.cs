using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Access;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Answers <c>kubectl auth can-i</c>, which sends its question as a protocol buffer.</summary>
internal static class AccessReview
{
    private static readonly byte[] Magic = "k8s\0"u8.ToArray();

    /// <param name="body">A SelfSubjectAccessReview, in JSON or as a protocol buffer.</param>
    public static JsonObject Answer(byte[] body, string user, AccessControl access)
    {
        var attributes = body.AsSpan().StartsWith(Magic) ? FromProtobuf(body) : FromJson(body);
        var (@namespace, verb, group, resource, subresource) = attributes;
        var name = group.Length == 0 ? resource : $"{resource}.{group}";
        if (subresource.Length > 0)
            name += "/" + subresource;
        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = new JsonObject
            {
                ["resourceAttributes"] = new JsonObject
                {
                    ["namespace"] = @namespace,
                    ["verb"] = verb,
                    ["group"] = group,
                    ["resource"] = resource,
                    ["subresource"] = subresource,
                },
            },
            ["status"] = new JsonObject { ["allowed"] = access.Allows(user, verb, name, @namespace) },
        };
    }

    private static (string Namespace, string Verb, string Group, string Resource, string Subresource) FromProtobuf(byte[] body)
    {
        var raw = ProtobufMessage.Read(body.AsSpan(Magic.Length))[2];
        var spec = ProtobufMessage.Read(ProtobufMessage.Read(raw)[2]);
        var fields = spec.TryGetValue(1, out var bytes) ? ProtobufMessage.Read(bytes) : new Dictionary<int, byte[]>();
        return (Text(1), Text(2), Text(3), Text(5), Text(6));

        string Text(int field) => fields.TryGetValue(field, out var value) ? Encoding.UTF8.GetString(value) : "";
    }

    private static (string Namespace, string Verb, string Group, string Resource, string Subresource) FromJson(byte[] body)
    {
        var attributes = JsonNode.Parse(body).At("spec", "resourceAttributes");
        return (Text("namespace"), Text("verb"), Text("group"), Text("resource"), Text("subresource"));

        string Text(string field) => attributes.Text(field) ?? "";
    }
}
