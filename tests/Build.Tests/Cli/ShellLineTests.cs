using Ambrosia.Build.Cli;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli;

public sealed class ShellLineTests
{
    [TestCase("plain-1.2_3/x:y=z", "plain-1.2_3/x:y=z", "plain-1.2_3/x:y=z")]
    [TestCase("", "''", "''")]
    [TestCase("two words", "'two words'", "'two words'")]
    [TestCase("it's", "'it'\\''s'", "'it''s'")]
    [TestCase("$HOME", "'$HOME'", "'$HOME'")]
    [TestCase("~/x", "'~/x'", "'~/x'")]
    [TestCase("a,b@c", "a,b@c", "'a,b@c'")]
    [TestCase("C:\\x", "'C:\\x'", "C:\\x")]
    [TestCase("*", "'*'", "'*'")]
    [TestCase("a\nb", "'a\nb'", "'a\nb'")]
    public void A_word_is_quoted_only_where_the_shell_needs_it(string word, string posix, string powerShell)
    {
        Assert.That(ShellLine.Quote(word, windows: false), Is.EqualTo(posix));
        Assert.That(ShellLine.Quote(word, windows: true), Is.EqualTo(powerShell));
    }

    [Test]
    public void An_argument_that_is_a_secret_is_hidden_however_short_it_is()
    {
        var request = new ProcessRequest("az", ["login", "-p", "ab", "--name", "abc"]) { Secrets = ["ab"] };
        Assert.That(ShellLine.Format(request, new SecretMask(), windows: false), Is.EqualTo("az login -p *** --name abc"));
    }

    [Test]
    public void Variables_stand_in_front_and_removed_ones_nowhere()
    {
        var request = new ProcessRequest("az", ["x"]) { Environment = new Dictionary<string, string?> { ["B"] = "2 3", ["A"] = "1", ["C"] = null } };
        Assert.That(ShellLine.Format(request, new SecretMask(), windows: false), Is.EqualTo("A=1 B='2 3' az x"));
        Assert.That(ShellLine.Format(request, new SecretMask(), windows: true), Is.EqualTo("$env:A='1'; $env:B='2 3'; az x"));
    }
}
