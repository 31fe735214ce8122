using Ambrosia.Build.Tasks.Testing;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Tasks;

public sealed class TestResultsTests
{
    private const string File = """
        <?xml version="1.0" encoding="utf-8"?>
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
          <Results>
            <UnitTestResult testName="Passes" outcome="Passed" />
            <UnitTestResult testName="Fails" outcome="Failed">
              <Output><ErrorInfo><Message>1 is not 2</Message><StackTrace>at X</StackTrace></ErrorInfo></Output>
            </UnitTestResult>
            <UnitTestResult testName="Skipped" outcome="NotExecuted">
              <Output><ErrorInfo><Message>no docker here</Message></ErrorInfo></Output>
            </UnitTestResult>
          </Results>
        </TestRun>
        """;

    [Test]
    public void Results_of_all_files_are_counted() =>
        Assert.That(TestResults.Parse([File, File]).Summary, Is.EqualTo("2 passed, 2 failed, 2 skipped"));

    [Test]
    public void A_failure_has_its_message_and_place() =>
        Assert.That(TestResults.Parse([File]).Failed.Single(), Is.EqualTo(new TestCase("Fails", "Failed", "1 is not 2\nat X")));

    [Test]
    public void A_skip_has_its_reason() =>
        Assert.That(TestResults.Parse([File]).Skipped.Single().Message, Is.EqualTo("no docker here"));
}
