using System.Net;
using System.Text;
using Ambrosia.Build.Cli;
using Newtonsoft.Json;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli;

public sealed class SecretMaskTests
{
    private const string Secret = "S3cr\"et/+va'lue&ü==";

    [Test]
    public void Text_without_a_secret_is_left_as_it_is()
    {
        var mask = Mask(Secret);
        Assert.That(mask.Mask("Verify: nothing to hide"), Is.EqualTo("Verify: nothing to hide"));
        Assert.That(mask.Mask(""), Is.Empty);
    }

    [TestCaseSource(nameof(Forms))]
    public void A_secret_is_hidden_in_every_form(string form) =>
        Assert.That(Mask(Secret).Mask($"key=<{form}> end"), Is.EqualTo("key=<***> end"));

    private static IEnumerable<string> Forms()
    {
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret));
        yield return Secret;
        yield return base64;
        yield return base64.Replace('+', '-').Replace('/', '_').TrimEnd('=');
        yield return Uri.EscapeDataString(Secret);
        yield return Uri.EscapeDataString(Secret).Replace("%2F", "%2f", StringComparison.Ordinal).Replace("%2B", "%2b", StringComparison.Ordinal)
            .Replace("%C3%BC", "%c3%bc", StringComparison.Ordinal).Replace("%3D", "%3d", StringComparison.Ordinal);
        yield return WebUtility.UrlEncode(Secret);
        yield return WebUtility.HtmlEncode(Secret);
        yield return JsonConvert.ToString(Secret)[1..^1];
        yield return System.Text.Json.JsonSerializer.Serialize(Secret)[1..^1];
        yield return ShellLine.Quote(Secret, windows: false)[1..^1];
        yield return ShellLine.Quote(Secret, windows: true)[1..^1];
    }

    [Test]
    public void A_secret_inside_a_longer_base64_text_is_hidden([Range(0, 5)] int before, [Range(0, 3)] int after)
    {
        const string secret = "correct-horse-battery";
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', before) + secret + new string('x', after)));
        var masked = Mask(secret).Mask(text);

        // What is left must not give the secret back: nothing of it but the letters that share a digit with a neighbour.
        var rest = masked.Split("***");
        Assert.That(rest, Has.Length.EqualTo(2));
        var start = Encoding.UTF8.GetString(Convert.FromBase64String(rest[0][..(rest[0].Length / 4 * 4)]));
        Assert.That(start, Is.EqualTo(new string('u', start.Length)));
        Assert.That(rest[1].Length, Is.LessThanOrEqualTo(4 + (after * 2)));
    }

    [Test]
    public void Overlapping_secrets_leave_no_end_of_either()
    {
        var mask = new SecretMask();
        mask.Add("abcdefghij");
        mask.Add("ghijklmnop");
        Assert.That(mask.Mask("<abcdefghijklmnop>"), Is.EqualTo("<***>"));
    }

    [Test]
    public void Each_line_of_a_long_secret_is_hidden()
    {
        var mask = Mask("-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n");
        Assert.That(mask.Mask("line kqhkiG9w0BAQEF"), Is.EqualTo("line ***"));
    }

    [TestCase("")]
    [TestCase("abc")]
    [TestCase(" 12 ")]
    [TestCase("test")]
    [TestCase("Password")]
    [TestCase("true")]
    public void A_value_that_is_no_secret_is_refused_and_garbles_nothing(string weak)
    {
        var mask = new SecretMask();
        Assert.That(mask.Add(weak), Is.False);
        Assert.That(mask.Mask($"dotnet test abc {weak}"), Is.EqualTo($"dotnet test abc {weak}"));
    }

    [Test]
    public void A_short_secret_is_hidden_where_it_stands_alone()
    {
        var mask = new SecretMask();
        Assert.That(mask.Add("acme"), Is.True);
        Assert.That(mask.Mask("acme acmeregistry my-acme x=acme;"), Is.EqualTo("*** acmeregistry my-*** x=***;"));
    }

    private static SecretMask Mask(string secret)
    {
        var mask = new SecretMask();
        Assert.That(mask.Add(secret), Is.True);
        return mask;
    }
}
