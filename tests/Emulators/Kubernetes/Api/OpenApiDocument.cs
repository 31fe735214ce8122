using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>The smallest OpenAPI v2 document with which kubectl validates: one free-form definition per kind, and one PATCH operation per kind
/// that has the parameters dryRun and fieldValidation. It is gnostic's openapi.v2.Document as a protocol buffer.</summary>
internal static class OpenApiDocument
{
    /// <summary>Not the media type that kubectl asks for: it cannot read that one in an answer.</summary>
    public const string ContentType = "application/octet-stream";

    public static byte[] Create(string version)
    {
        var kinds = ResourceType.All.Select(type => (type.Group, type.Version, type.Kind)).Append(("", "v1", "List"));
        var definitions = new ProtobufMessage();
        var paths = new ProtobufMessage();
        foreach (var (group, apiVersion, kind) in kinds)
        {
            var one = $"group: \"{group}\"\nkind: {kind}\nversion: {apiVersion}\n";
            var list = $"- group: \"{group}\"\n  kind: {kind}\n  version: {apiVersion}\n";
            var schema = new ProtobufMessage().Add(22, new ProtobufMessage().Add(1, "object")).Add(31, Extension(list));
            definitions.Add(1, Named($"x.{(group.Length == 0 ? "core" : group)}.{apiVersion}.{kind}", schema));
            var operation = new ProtobufMessage().Add(8, Parameter("dryRun")).Add(8, Parameter("fieldValidation")).Add(13, Extension(one));
            var path = $"/{(group.Length == 0 ? "api" : $"apis/{group}")}/{apiVersion}/{kind}";
            paths.Add(2, Named(path, new ProtobufMessage().Add(8, operation)));
        }

        return new ProtobufMessage()
            .Add(1, "2.0")
            .Add(2, new ProtobufMessage().Add(1, "Kubernetes").Add(2, version))
            .Add(8, paths)
            .Add(9, definitions)
            .ToArray();
    }

    private static ProtobufMessage Named(string name, ProtobufMessage value) => new ProtobufMessage().Add(1, name).Add(2, value);

    // NamedAny { name, Any { yaml } }
    private static ProtobufMessage Extension(string yaml) => Named("x-kubernetes-group-version-kind", new ProtobufMessage().Add(2, yaml));

    // ParametersItem { Parameter { NonBodyParameter { QueryParameterSubSchema { in, name } } } }
    private static ProtobufMessage Parameter(string name)
    {
        var query = new ProtobufMessage().Add(2, "query").Add(4, name);
        return new ProtobufMessage().Add(1, new ProtobufMessage().Add(2, new ProtobufMessage().Add(3, query)));
    }
}
