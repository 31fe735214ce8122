using Ambrosia.Build.Images;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class DockerIgnoreTests
{
    [TestCase("bin", "bin", true)]
    [TestCase("bin", "bin/a/b.txt", true)]
    [TestCase("bin", "src/bin/a", false)]
    [TestCase("/bin/", "bin/a", true)]
    [TestCase("./bin", "bin/a", true)]
    [TestCase("**/bin", "src/bin/a", true)]
    [TestCase("**/bin", "bin/a", true)]
    [TestCase("*.md", "README.md", true)]
    [TestCase("*.md", "docs/README.md", false)]
    [TestCase("**/*.md", "docs/deep/README.md", true)]
    [TestCase("*/temp*", "a/temporary/file", true)]
    [TestCase("*/temp*", "temporary", false)]
    [TestCase("temp?", "tempa", true)]
    [TestCase("temp?", "temp", false)]
    [TestCase("a[0-9]", "a7", true)]
    [TestCase("a[0-9]", "ab", false)]
    [TestCase("a.b", "axb", false)]
    [TestCase("# bin", "bin", false)]
    [TestCase("*.md\n!README.md", "README.md", false)]
    [TestCase("*.md\n!README.md", "OTHER.md", true)]
    [TestCase("!README.md\n*.md", "README.md", true)]
    [TestCase("docs\n!docs/keep", "docs/keep/file", false)]
    [TestCase("docs\n!docs/keep", "docs/other", true)]
    [TestCase("*", "anything/at/all", true)]
    [TestCase("", "file", false)]
    public void The_last_pattern_that_matches_decides(string patterns, string path, bool ignored) =>
        Assert.That(new DockerIgnore(patterns).Ignores(path), Is.EqualTo(ignored));
}
