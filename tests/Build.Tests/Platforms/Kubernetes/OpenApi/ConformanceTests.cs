using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>The judge itself, by a document small enough to see.</summary>
public sealed class ConformanceTests
{
    private static readonly OpenApiRelease Release = OpenApiRelease.Parse("""
        {
          "release": "1.99",
          "kinds": { "v1 Thing": "Thing", "v1 Elder": "Elder" },
          "deprecated": [ "v1 Elder" ],
          "definitions": {
            "Thing": { "apiVersion": "string", "kind": "string", "spec": "Spec", "status": "object" },
            "Elder": {},
            "Spec": {
              "name": "required string", "count": "integer", "share": "number", "on": "boolean", "port": "int-or-string", "size": "quantity",
              "words": "array:string", "parts": "array:Part", "labels": "map:string", "sizes": "map:quantity", "lists": "map:array:string",
              "old": "deprecated string"
            },
            "Part": { "id": "required integer" }
          }
        }
        """);

    [TestCase("""{ "name": "a" }""")]
    [TestCase("""{ "name": "a", "count": 1, "share": 0.5, "on": false, "port": 80, "size": "1.5Gi" }""")]
    [TestCase("""{ "name": "", "port": "http", "size": "100m", "words": [], "labels": {} }""")]
    [TestCase("""{ "name": "a", "words": ["b"], "parts": [{ "id": 1 }], "labels": { "c": "d" }, "sizes": { "e": "1e3" }, "lists": { "f": ["g"] } }""")]
    public void What_the_document_says_is_right(string spec) => Assert.That(Problems(spec), Is.Empty);

    [TestCase("""{}""", "spec.name: required, and missing")]
    [TestCase("""{ "Name": "a", "name": "a" }""", "spec.Name: no such field")]
    [TestCase("""{ "name": null }""", "spec.name: string expected, not null")]
    [TestCase("""{ "name": 1 }""", "spec.name: string expected, not 1")]
    [TestCase("""{ "name": "a", "count": "1" }""", "spec.count: integer expected, not \"1\"")]
    [TestCase("""{ "name": "a", "count": 1.5 }""", "spec.count: integer expected, not 1.5")]
    [TestCase("""{ "name": "a", "share": "1" }""", "spec.share: number expected, not \"1\"")]
    [TestCase("""{ "name": "a", "on": "true" }""", "spec.on: boolean expected, not \"true\"")]
    [TestCase("""{ "name": "a", "port": true }""", "spec.port: int-or-string expected, not true")]
    [TestCase("""{ "name": "a", "port": 0.5 }""", "spec.port: int-or-string expected, not 0.5")]
    [TestCase("""{ "name": "a", "size": "16GB" }""", "spec.size: quantity expected, not \"16GB\"")]
    [TestCase("""{ "name": "a", "sizes": { "b": "" } }""", "spec.sizes[b]: quantity expected, not \"\"")]
    [TestCase("""{ "name": "a", "words": { "b": "c" } }""", "spec.words: array expected, not {\"b\":\"c\"}")]
    [TestCase("""{ "name": "a", "words": ["b", 1] }""", "spec.words[1]: string expected, not 1")]
    [TestCase("""{ "name": "a", "labels": ["b"] }""", "spec.labels: map expected, not [\"b\"]")]
    [TestCase("""{ "name": "a", "labels": { "b": 1 } }""", "spec.labels[b]: string expected, not 1")]
    [TestCase("""{ "name": "a", "lists": { "b": "c" } }""", "spec.lists[b]: array expected, not \"c\"")]
    [TestCase("""{ "name": "a", "parts": [{ "id": 1 }, {}] }""", "spec.parts[1].id: required, and missing")]
    [TestCase("""{ "name": "a", "parts": [1] }""", "spec.parts[0]: Part expected, not 1")]
    [TestCase("""{ "name": "a", "old": "b" }""", "spec.old: deprecated")]
    [TestCase("""[]""", "spec: Spec expected, not []")]
    public void What_it_does_not_say_is_a_problem(string spec, string problem) => Assert.That(Problems(spec), Is.EqualTo(new[] { problem }));

    [Test]
    public void Every_problem_is_told() => Assert.That(Problems("""{ "count": "1", "other": 1 }"""), Has.Count.EqualTo(3));

    [TestCase("v1", "Other")]
    [TestCase("v2", "Thing")]
    public void A_kind_that_is_not_served_is_a_problem(string version, string kind) => Assert.That(
        Release.Check(new JsonObject { ["apiVersion"] = version, ["kind"] = kind }).Problems, Is.EqualTo(new[] { $"{version} {kind} is not known" }));

    [Test]
    public void Fields_are_known_by_their_definition() => Assert.That(
        Check("""{ "name": "a", "parts": [{ "id": 1 }] }""").Fields,
        Is.EquivalentTo(new[] { ("Thing", "apiVersion"), ("Thing", "kind"), ("Thing", "spec"), ("Spec", "name"), ("Spec", "parts"), ("Part", "id") }));

    [Test]
    public void A_kind_may_be_deprecated_as_a_whole() =>
        Assert.That((Release.Serves("v1 Elder"), Release.IsDeprecated("v1 Elder"), Release.IsDeprecated("v1 Thing")), Is.EqualTo((true, true, false)));

    private static IReadOnlyList<string> Problems(string spec) => Check(spec).Problems;

    private static Conformance Check(string spec) =>
        Release.Check(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Thing", ["spec"] = JsonNode.Parse(spec) });
}
