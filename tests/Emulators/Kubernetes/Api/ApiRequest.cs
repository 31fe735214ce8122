using System.Text.Json;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Storage;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>A request for objects: what its path, its query and its body say.</summary>
/// <param name="Namespace">Empty for the cluster's own objects and for a list of all namespaces.</param>
/// <param name="Name">Empty for a collection.</param>
/// <param name="Subresource">scale, status, log, exec, eviction; empty for the object itself.</param>
internal sealed record ApiRequest(
    HttpContext Http, string User, ResourceType Type, string Namespace, string Name, string Subresource, byte[] Body)
{
    public string Method => Http.Request.Method;

    public string ContentType => Http.Request.ContentType?.Split(';')[0].Trim() ?? "";

    public bool DryRun => Query("dryRun") == "All" || (Method == "DELETE" && JsonBody().Items("dryRun").Any());

    public bool IsWatch => Query("watch") is "true" or "1";

    /// <summary>The verb by which access is decided.</summary>
    public string Verb => Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => Name.Length > 0 ? "delete" : "deletecollection",
        _ when Subresource == "exec" => "create",
        _ when Name.Length > 0 => "get",
        _ => IsWatch ? "watch" : "list",
    };

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>The manager that the client says it is, or else the first word of its name.</summary>
    public string FieldManager => Query("fieldManager") is { Length: > 0 } manager
        ? manager
        : Http.Request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } agent ? agent : "unknown";

    /// <summary>The body, in JSON or in YAML; an empty object without one.</summary>
    /// <exception cref="ApiException">400: it is neither; 415: it is a protocol buffer, which a command of the suite never sends.</exception>
    public JsonObject JsonBody()
    {
        if (Body.Length == 0)
            return [];
        if (ContentType == "application/vnd.kubernetes.protobuf")
            throw new ApiException(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        var text = System.Text.Encoding.UTF8.GetString(Body);
        try
        {
            if (text.TrimStart().StartsWith('{'))
                return (JsonObject)JsonNode.Parse(text)!;
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return (JsonObject)FromYaml(yaml.Documents[0].RootNode)!;
        }
        catch (Exception error) when (error is JsonException or YamlException or InvalidCastException or ArgumentException)
        {
            throw ApiException.BadRequest($"error decoding the body: {error.Message}");
        }
    }

    private static JsonNode? FromYaml(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(child.Key.ToString(), FromYaml(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(FromYaml)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var value } => Plain(value ?? ""),
        YamlScalarNode { Value: var value } => JsonValue.Create(value),
        _ => null,
    };

    private static JsonValue? Plain(string value)
    {
        if (value is "" or "~" or "null")
            return null;
        if (value is "true" or "false")
            return JsonValue.Create(value == "true");
        if (long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        return JsonValue.Create(value);
    }
}
