using Ambrosia.PerformanceTest.CommandLine;
using NUnit.Framework;

namespace Ambrosia.App.Tests.PerformanceTest;

public class CommandLineParserTests
{
    private static readonly CommandOption NoDescendingSize = new("nds", "noDescendingSize", null, "");
    private static readonly CommandOption[] Options = [CommonOptions.JobName, CommonOptions.ServerName, CommonOptions.SendPort, CommonOptions.ReceivePort, CommonOptions.AutoContinue, NoDescendingSize];

    [TestCase("-sp=50001")]
    [TestCase("--sp=50001")]
    [TestCase("-sp 50001")]
    [TestCase("--sp 50001")]
    [TestCase("--sendPort 50001")]
    [TestCase("-sendPort=50001")]
    [TestCase("--sendport=50001")]
    public void Every_spelling_of_the_original_is_understood(string arguments) =>
        Assert.That(Parse(arguments).GetNumber(CommonOptions.SendPort, 1, 65535, 0), Is.EqualTo(50001));

    [TestCase("-nds", true)]
    [TestCase("--nds", true)]
    [TestCase("--noDescendingSize", true)]
    [TestCase("-c", false)]
    public void Switches_take_no_value(string arguments, bool expected) => Assert.That(Parse(arguments).Has(NoDescendingSize), Is.EqualTo(expected));

    [TestCase("--recievePort=1", "unknown option '--recievePort=1'; the nearest known one is '--receivePort'")]
    [TestCase("-jobNam x", "unknown option '-jobNam'; the nearest known one is '--jobName'")]
    [TestCase("job", "'job' is no option; options begin with a dash")]
    [TestCase("--sp", "--sendPort lacks its value: --sendPort=PORT")]
    [TestCase("-c=1", "--autoContinue takes no value, but got '1'")]
    public void What_is_wrong_is_said(string arguments, string message) => Assert.That(() => Parse(arguments), Throws.TypeOf<UsageException>().With.Message.EqualTo(message));

    [Test]
    public void Missing_options_are_named_all_at_once() =>
        Assert.That(() => Parse("-j job -sp 1").RequireAll(), Throws.TypeOf<UsageException>().With.Message.EqualTo("missing: --serverName=NAME, --receivePort=PORT"));

    [TestCase("-sp 0")]
    [TestCase("-sp 65536")]
    [TestCase("-sp x")]
    [TestCase("-sp 99999999999999999999")]
    public void Numbers_out_of_range_are_refused_with_the_range(string arguments) =>
        Assert.That(() => Parse(arguments).GetNumber(CommonOptions.SendPort, 1, 65535, 0), Throws.TypeOf<UsageException>().With.Message.Contains("from 1 to 65535"));

    private static CommandLineParser Parse(string arguments) => CommandLineParser.Parse(Options, arguments.Split(' '));
}
