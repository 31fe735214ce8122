using System.Text;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>A scan that finds nothing proves something only when it would have found it.</summary>
public sealed class SentinelScanTests
{
    private const string Secret = "SENTINEL/kind+7-0123456789abcdef==";

    private static readonly string[] Shown =
    [
        $"token={Secret};",
        $"https://host/?sig={Uri.EscapeDataString(Secret)}&x=1",
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{Secret}")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"a user:{Secret} and more")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"of another:{Secret}!")).Replace('+', '-').Replace('/', '_'),
    ];

    [TestCaseSource(nameof(Shown))]
    public void A_secret_is_found_in_each_form(string text)
    {
        var scan = new SentinelScan();

        scan.Text("a text", text, [Secret]);

        Assert.That(scan.Findings, Has.Count.EqualTo(1));
        Assert.That(scan.Findings[0], Does.StartWith("a text ").And.Not.Contain(Secret));
    }

    [Test]
    public void Files_are_looked_into_and_ordinary_text_is_no_secret()
    {
        var directory = Directory.CreateTempSubdirectory("ambrosia-scan-");
        try
        {
            var report = Path.Combine(directory.CreateSubdirectory("artifacts/report").FullName, "report.json");
            File.WriteAllText(report, "{ \"password\": \"***\" }");
            var scan = new SentinelScan();
            scan.Files(directory.FullName, [Secret]);
            Assert.That(scan.Findings, Is.Empty);

            File.WriteAllText(report, $"{{ \"password\": \"{Secret}\" }}");
            scan.Files(directory.FullName, [Secret]);
            Assert.That(scan.Findings, Has.Count.EqualTo(1));
            Assert.That(scan.Findings[0], Does.StartWith("artifacts/report/report.json "));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
