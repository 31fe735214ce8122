using System.Globalization;
using System.Text.RegularExpressions;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Readme;

/// <summary>What README.md says is so.</summary>
public sealed class ReadmeTests
{
    private static readonly TaskCatalogue Catalogue = TaskCatalogue.Of(typeof(BuildContext).Assembly);

    [Test]
    public void The_targets_are_those_of_the_suite() =>
        ReadmeFile.VerifyPart("targets: ./build.sh --target=Help --format=markdown", new HelpText(Catalogue).Markdown());

    [Test]
    public void The_command_lines_are_found() => Assert.That(CommandLines().Count(), Is.GreaterThan(15));

    [TestCaseSource(nameof(CommandLines))]
    public void Every_command_line_is_understood(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];

        Assert.That(() => CommandLine.Parse(words, Catalogue, "/"), Throws.Nothing);
    }

    [Test]
    public void The_bad_configuration_gets_the_messages_that_are_shown()
    {
        const string file = "AmbrosiaAKSConf.json";
        var refusal = Assert.Throws<BuildException>(() => SettingsLoader.Load(Source(file, ReadmeFile.Part("bad configuration"))))!;

        ReadmeFile.VerifyPart("its problems", refusal.Message + "\n");
    }

    [TestCase("Program.cs")]
    [TestCase("Adder.csproj")]
    public void The_sample_is_the_one_that_is_compiled(string name)
    {
        var path = $"tests/Samples/Adder/{name}";

        // In app/ the sample lies beside what it refers to.
        ReadmeFile.VerifyPart($"sample: {path}", CheckoutFile.Read(path).Replace("../../../app/", "../", StringComparison.Ordinal));
    }

    [Test]
    public void The_configuration_of_the_sample_is_a_good_one()
    {
        var settings = SettingsLoader.Load(Source("adder.json", ReadmeFile.Part("sample configuration")));

        Assert.That(settings.Instances.Select(instance => instance.Name), Is.EqualTo(["adderserver", "adderclient"]));
        Assert.That(settings.Verify.Kind, Is.EqualTo(VerifyKind.LogPattern));
    }

    [Test]
    public void Every_error_code_is_explained_once()
    {
        var explained = Regex.Matches(ReadmeFile.Part("error codes"), @"^\| AMB(\d+) \|", RegexOptions.Multiline)
            .Select(row => int.Parse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

        Assert.That(explained, Is.EqualTo(Enum.GetValues<ErrorCode>().Select(code => (int)code)));
    }

    [Test]
    public void Every_variable_of_the_configuration_that_is_named_exists()
    {
        var named = Regex.Matches(ReadmeFile.Text, @"\bAMBROSIA_[A-Z_]*[A-Z]").Select(match => match.Value).Distinct().ToList();

        Assert.That(named, Is.Not.Empty);
        Assert.That(named, Is.SubsetOf(SettingKeys.All.Select(key => key.EnvironmentVariable).Concat(
        [
            SettingKeys.RegistryPasswordVariable,
            EnvironmentStorageConnection.Variable,
            ServicePrincipals.ClientIdVariable,
            ServicePrincipals.ClientSecretVariable,
        ])));
    }

    [Test]
    public void Every_link_leads_somewhere()
    {
        var headings = Regex.Matches(ReadmeFile.Text, "^#+ (.+)$", RegexOptions.Multiline)
            .Select(heading => "#" + heading.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'));
        var root = BuildPaths.Find(AppContext.BaseDirectory).Root;
        var links = Regex.Matches(ReadmeFile.Text, @"\]\(([^)]+)\)").Select(link => link.Groups[1].Value).ToList();

        Assert.That(links, Is.Not.Empty);
        Assert.That(
            links.Where(link => !link.StartsWith("https://", StringComparison.Ordinal) && !headings.Contains(link) && !Path.Exists(Path.Combine(root, link))),
            Is.Empty);
    }

    private static SettingsSource Source(string file, string text) => new(file, text, null, new Dictionary<string, string?>());

    /// <summary>Every line of a block, or text in backquotes, that calls the script, without what a shell takes away.</summary>
    private static IEnumerable<string> CommandLines()
    {
        var inBlocks = ReadmeFile.Blocks.SelectMany(block => block.Text.Split('\n')).Select(line => Regex.Replace(line, "#.*", ""));
        var inText = Regex.Matches(ReadmeFile.Text, "`([^`\n]+)`").Select(match => match.Groups[1].Value);
        return inBlocks.Concat(inText)
            .Select(line => Regex.Match(line, @"\./build\.(sh|ps1)\b.*").Value.Trim())
            .Where(line => line.Length > 0 && !line.Contains("=NAME", StringComparison.Ordinal) && !line.EndsWith(" NAME", StringComparison.Ordinal))
            .Distinct();
    }
}
