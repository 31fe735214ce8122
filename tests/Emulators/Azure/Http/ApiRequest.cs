using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Faults;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>A request as endpoints see it.</summary>
internal sealed class ApiRequest(HttpContext http, string text)
{
    private JsonObject? _body;

    public HttpContext Http { get; } = http;

    public string Text { get; } = text;

    /// <summary>The path with single slashes, before any rewriting for the router.</summary>
    public string Path => (string)Http.Items[RequestItems.Path]!;

    /// <summary>For extension resources (role assignments, tags): the resource id that they belong to, without a slash at its end.</summary>
    public string Scope => (string)Http.Items[RequestItems.Scope]!;

    public string BaseUri => $"https://{Http.Request.Host}";

    /// <summary>A fault that lets the request in, but ends the operation that it begins.</summary>
    public OperationFault? OperationFault => Http.Items[RequestItems.OperationFault] as OperationFault;

    public JsonObject Body => _body ??= Text.Length == 0 ? [] : JsonNode.Parse(Text) as JsonObject ?? [];

    public string this[string routeValue] => (string)Http.Request.RouteValues[routeValue]!;

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A field of a form; null where it is missing.</summary>
    public string? Form(string name)
    {
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(Text);
        return fields.TryGetValue(name, out var values) ? values.ToString() : null;
    }
}
