using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Options;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Readme;

/// <summary>What README.md says of the coordinator is so.</summary>
public sealed class CoordinatorReadmeTests
{
    private static readonly string Text = File.ReadAllText(Find()).ReplaceLineEndings("\n");

    [Test]
    public void The_help_is_the_one_that_is_printed() =>
        Assert.That(Text, Does.Contain($"<!-- coordinator help -->\n```text\n{CommandLine.Help.ReplaceLineEndings("\n")}\n```\n"));

    [Test]
    public void Every_code_is_explained_once()
    {
        var table = Text[Text.IndexOf("<!-- coordinator error codes -->", StringComparison.Ordinal)..];
        var explained = Regex.Matches(table, @"^\| AMB(\d+) \|", RegexOptions.Multiline)
            .Select(row => int.Parse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        var codes = typeof(Codes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!);

        Assert.That(explained, Is.EqualTo(codes));
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Ambrosia.slnx")))
                return Path.Combine(directory.FullName, "README.md");
        }

        throw new DirectoryNotFoundException("These tests run in a checkout.");
    }
}
