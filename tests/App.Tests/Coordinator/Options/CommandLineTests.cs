using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Options;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Options;

[Parallelizable]
public class CommandLineTests
{
    private const string Needed = "--instance srv --log /logs/srv --listen 127.0.0.1:21500 --receive-port 21001 --send-port 21002";

    [Test]
    public void The_least_command_line_gets_the_documented_defaults()
    {
        var options = Parse(Needed + " -- /app/Server -n 1");

        Assert.Multiple(() =>
        {
            Assert.That((options.Instance, options.LogDirectory, options.ListenHost, options.ListenPort), Is.EqualTo(("srv", "/logs/srv", "127.0.0.1", 21500)));
            Assert.That((options.ReceivePort, options.SendPort, options.HealthPort, options.HealthHost), Is.EqualTo((21001, 21002, (int?)null, "127.0.0.1")));
            Assert.That(options.Peers, Is.Empty);
            Assert.That(options.TriggerBytes, Is.EqualTo(256L << 20));
            Assert.That((options.Durability, options.Lock, options.StateVersion), Is.EqualTo((DurabilityLevel.Device, LockKind.Flock, 1)));
            Assert.That((options.GracePeriod, options.OutputMemoryBytes, options.Supervised), Is.EqualTo((TimeSpan.FromSeconds(25), 32L << 20, false)));
            Assert.That(options.App, Is.EqualTo(new[] { "/app/Server", "-n", "1" }));
            Assert.That(options.AppName, Is.EqualTo("Server"));
        });
    }

    [Test]
    public void Every_option_is_heard()
    {
        var options = Parse(
            Needed + " --peer a=h:1 --peer=b=[::1]:2 --health-port 3 --health-host * --trigger-size 4 --durability os --lock flock --state-version 5 "
            + "--grace-period 6 --output-memory 7 --supervised -- dotnet bin/Server.dll --supervised");

        Assert.Multiple(() =>
        {
            Assert.That(options.Peers, Is.EqualTo(new PeerAddress[] { new("a", "h", 1), new("b", "::1", 2) }));
            Assert.That((options.HealthPort, options.HealthHost, options.TriggerBytes), Is.EqualTo(((int?)3, "*", 4L << 20)));
            Assert.That((options.Durability, options.Lock, options.StateVersion), Is.EqualTo((DurabilityLevel.Os, LockKind.Flock, 5)));
            Assert.That((options.GracePeriod, options.OutputMemoryBytes, options.Supervised), Is.EqualTo((TimeSpan.FromSeconds(6), 7L << 20, true)));
            Assert.That(options.App, Is.EqualTo(new[] { "dotnet", "bin/Server.dll", "--supervised" }));
            Assert.That(options.AppName, Is.EqualTo("Server"));
        });
    }

    [Test]
    public void A_lease_has_a_duration_and_always_reaches_the_device()
    {
        var given = Parse(Needed + " --lock lease --lease-duration 7 -- app");
        var silent = Parse(Needed + " --lock lease -- app");

        Assert.That((given.Lock, given.LeaseDuration, given.Durability), Is.EqualTo((LockKind.Lease, TimeSpan.FromSeconds(7), DurabilityLevel.Device)));
        Assert.That(silent.LeaseDuration, Is.EqualTo(TimeSpan.FromSeconds(15)));
    }

    [TestCase("--lock lease --durability os", "--lock lease does not go with --durability os.", "--durability device")]
    [TestCase("--lease-duration 9", "--lease-duration has no meaning without a lease.", "--lock lease")]
    [TestCase("--lock lease --lease-duration 0", "--lease-duration 0 is not a whole number from 1 to 300.", "--help")]
    [TestCase("--trigersize 1", "There is no option --trigersize.", "--trigger-size")]
    [TestCase("--durabilty=os", "There is no option --durabilty=os.", "--durability")]
    [TestCase("--durability disk", "There is no --durability disk.", "device|os")]
    [TestCase("--supervised=yes", "There is no option --supervised=yes.", "--supervised")]
    [TestCase("word", "There is no option word.", "--")]
    [TestCase("--health-port 70000", "--health-port 70000 is not a whole number from 1 to 65535.", "--help")]
    [TestCase("--health-port +1", "--health-port +1 is not a whole number from 1 to 65535.", "--help")]
    [TestCase("--trigger-size 1.5", "--trigger-size 1.5 is not a whole number from 1 to 1048576.", "--help")]
    [TestCase("--grace-period 0", "--grace-period 0 is not a whole number from 1 to 86400.", "--help")]
    [TestCase("--peer a", "--peer a is not NAME=HOST:PORT.", "For example")]
    [TestCase("--peer a-b=h:1", "--peer a-b=h:1 is not NAME=HOST:PORT.", "For example")]
    [TestCase("--peer a=h", "--peer h is not HOST:PORT.", "For example")]
    [TestCase("--peer a=h:0", "--peer h:0 is not HOST:PORT.", "For example")]
    [TestCase("--peer a=h:1 --peer a=h:2", "--peer names a twice.", "one address")]
    [TestCase("--instance 1srv", "--instance 1srv is not a name.", "letters and digits")]
    [TestCase("--instance srv/../x", "--instance srv/../x is not a name.", "letters and digits")]
    [TestCase("--peer", "--peer has no value.", "--help")]
    public void A_mistake_is_refused_with_a_way_out(string more, string what, string fix)
    {
        var error = Assert.Throws<CoordinatorException>(() => Parse($"{Needed} {more} -- app"))!;

        Assert.That((error.Code, error.ExitCode, error.Message), Is.EqualTo((Codes.Usage, ExitCodes.Usage, what)));
        Assert.That(fix.Split('|'), Has.Some.Matches<string?>(word => error.Fix!.Contains(word!, StringComparison.Ordinal)), error.Fix);
    }

    [TestCase("--instance")]
    [TestCase("--log")]
    [TestCase("--listen")]
    [TestCase("--receive-port")]
    [TestCase("--send-port")]
    public void What_is_needed_is_asked_for(string option)
    {
        var words = Needed.Split(' ').ToList();
        words.RemoveRange(words.IndexOf(option), 2);

        var error = Assert.Throws<CoordinatorException>(() => Parse(string.Join(' ', words) + " -- app"))!;

        Assert.That((error.ExitCode, error.Message), Is.EqualTo((ExitCodes.Usage, $"{option} is missing.")));
    }

    [TestCase("")]
    [TestCase(" --")]
    public void An_app_is_needed(string end) =>
        Assert.That(Assert.Throws<CoordinatorException>(() => Parse(Needed + end))!.Message, Is.EqualTo("The app's command is missing."));

    [Test]
    public void The_verbs_that_ask_need_a_health_port()
    {
        Assert.That(CommandLine.ParseClient(["--health-port", "7"]), Is.EqualTo(("127.0.0.1", 7)));
        Assert.That(CommandLine.ParseClient(["--health-port=7", "--health-host=h"]), Is.EqualTo(("h", 7)));
        Assert.That(Assert.Throws<CoordinatorException>(() => CommandLine.ParseClient([]))!.Message, Is.EqualTo("--health-port is missing."));
        Assert.That(Assert.Throws<CoordinatorException>(() => CommandLine.ParseClient(["--port", "7"]))!.Fix, Does.Contain("--health-port"));
    }

    [Test]
    public void Help_names_every_option()
    {
        var options = typeof(RunOptions).GetProperties().Length;

        Assert.That(CommandLine.Help.Split('\n').Count(line => line.StartsWith("  --", StringComparison.Ordinal)), Is.EqualTo(16));
        Assert.That(options, Is.EqualTo(19), "a new option needs a line of help, and a test");
    }

    private static RunOptions Parse(string line) => CommandLine.ParseRun(line.Split(' '));
}
