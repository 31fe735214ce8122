using System.Xml.Linq;

namespace Ambrosia.Build.Tasks.Testing;

/// <param name="Name">Full name.</param>
/// <param name="Message">A failure's message and stack trace, or the reason of a skip.</param>
public sealed record TestCase(string Name, string Outcome, string Message);

/// <summary>What the result files of <c>dotnet test</c> say. A pure reading of their text.</summary>
public sealed record TestResults(IReadOnlyList<TestCase> Cases)
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public IEnumerable<TestCase> Failed => Cases.Where(test => test.Outcome is not ("Passed" or "NotExecuted"));

    public IEnumerable<TestCase> Skipped => Cases.Where(test => test.Outcome == "NotExecuted");

    public string Summary
    {
        get
        {
            var (failed, skipped) = (Failed.Count(), Skipped.Count());
            return $"{Cases.Count - failed - skipped} passed, {failed} failed, {skipped} skipped";
        }
    }

    public static TestResults Parse(IEnumerable<string> files) => new([.. files.SelectMany(ParseFile)]);

    private static IEnumerable<TestCase> ParseFile(string text) =>
        from result in XDocument.Parse(text).Descendants(Trx + "UnitTestResult")
        let error = result.Element(Trx + "Output")?.Element(Trx + "ErrorInfo")
        let message = error?.Element(Trx + "Message")?.Value ?? result.Element(Trx + "Output")?.Element(Trx + "StdOut")?.Value
        let stack = error?.Element(Trx + "StackTrace")?.Value
        select new TestCase(
            (string?)result.Attribute("testName") ?? "?",
            (string?)result.Attribute("outcome") ?? "Failed",
            string.Join('\n', new[] { message, stack }.Where(part => !string.IsNullOrWhiteSpace(part))).Trim());
}
