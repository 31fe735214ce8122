using System.Text.Json.Nodes;

namespace Ambrosia.Build.Cli.Kubernetes;

/// <summary>Something that an account may be allowed to do.</summary>
/// <param name="Verb">As RBAC has it: get, list, watch, create, patch, delete.</param>
/// <param name="Resource">As <c>statefulsets.apps</c> or <c>pods/exec</c>.</param>
/// <param name="InNamespace">False for what belongs to no namespace: a right that ends at one does not reach it.</param>
public sealed record AccessRight(string Verb, string Resource, bool InNamespace = true)
{
    private string Group => Resource.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? Resource[(dot + 1)..] : "";

    private string Kind => Resource.Split('.', '/')[0];

    private string Subresource => Resource.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? Resource[(slash + 1)..] : "";

    public override string ToString() => $"{Verb} {Resource}";

    /// <summary>The question as the API server takes it.</summary>
    internal JsonObject Review(string @namespace) => new()
    {
        ["apiVersion"] = "authorization.k8s.io/v1",
        ["kind"] = "SelfSubjectAccessReview",
        ["spec"] = new JsonObject
        {
            ["resourceAttributes"] = new JsonObject
            {
                ["namespace"] = InNamespace ? @namespace : "",
                ["verb"] = Verb,
                ["group"] = Group,
                ["resource"] = Kind,
                ["subresource"] = Subresource,
            },
        },
    };

    /// <summary>An answer repeats its question.</summary>
    internal bool IsAnsweredBy(JsonObject review)
    {
        var asked = review["spec"]?["resourceAttributes"];
        return Text("verb") == Verb && Text("group") == Group && Text("resource") == Kind && Text("subresource") == Subresource;

        string Text(string field) => (string?)asked?[field] ?? "";
    }
}
