using System.Text;
using Ambrosia.Build.Platforms.Local.Publishing;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class PublishingTests
{
    [Test]
    public void The_hash_does_not_depend_on_the_order_of_files() =>
        Assert.That(Hash(("a", "1"), ("b", "2")), Is.EqualTo(Hash(("b", "2"), ("a", "1"))));

    [Test]
    public void The_hash_sees_content_names_and_borders()
    {
        string[] hashes = [Hash(("a", "1")), Hash(("a", "2")), Hash(("b", "1")), Hash(("a", "1"), ("b", "")), Hash(("ab", "1")), Hash(("a", "b1"))];

        Assert.That(hashes, Is.Unique);
    }

    private static IEnumerable<TestCaseData> Decisions =>
    [
        new("h2", null, Array.Empty<string>(), new PublishDecision(true, "not published yet")),
        new("h2", "h1", Array.Empty<string>(), new PublishDecision(true, "inputs changed (h1 -> h2)")),
        new("h1", "h1", new[] { "Job" }, new PublishDecision(true, "Job missing")),
        new("h1", "h1", Array.Empty<string>(), new PublishDecision(false, "unchanged (hash h1)")),
    ];

    [TestCaseSource(nameof(Decisions))]
    public void The_app_is_published_only_when_it_must(string hash, string? published, string[] missing, PublishDecision expected) =>
        Assert.That(PublishDecision.Decide(hash, published, missing), Is.EqualTo(expected));

    [Test]
    public void Of_compiler_output_the_errors_are_shown_once() =>
        Assert.That(
            CompilerOutput.Errors("noise\n a.cs(1,2): error CS1: x [p]\n a.cs(1,2): error CS1: x [p]\nb.cs(3,4): error CS2: y [p]\n"),
            Is.EqualTo("a.cs(1,2): error CS1: x [p]\nb.cs(3,4): error CS2: y [p]"));

    [Test]
    public void Without_errors_the_end_of_the_output_is_shown() =>
        Assert.That(CompilerOutput.Errors("one\ntwo\n"), Is.EqualTo("one\ntwo"));

    private static string Hash(params (string Path, string Content)[] files) =>
        ContentHash.Of(files.Select(file => (file.Path, new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(file.Content)))));
}
