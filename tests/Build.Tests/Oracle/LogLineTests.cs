using Ambrosia.Build.Oracle;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

public sealed class LogLineTests
{
    private static IEnumerable<TestCaseData> Known =>
    [
        new("*X* 65536\t0.0103833476182065", new LogLine.Throughput(65536, 0.0103833476182065)),
        new("*X* 16 3.5E-05", new LogLine.Throughput(16, 3.5e-5)),
        new("Service Received 1536 MB so far", new LogLine.ReceivedSoFar(1610612736)),
        new("Bytes received: 1610612736", new LogLine.BytesReceived(1610612736)),
        new("Out of order: 0", new LogLine.OutOfOrder(0)),
        new("DONE", new LogLine.Done()),
        new("DONE\r", new LogLine.Done()),
        new("[coordinator] App started: pid 1234", new LogLine.AppStarted(1234)),
        new("[coordinator] Recovering: 12 log records to replay, epoch 3.", new LogLine.Recovering(12)),
        new("[coordinator] Ready: primary of epoch 3", new LogLine.Ready()),
        new(
            "[coordinator] b at generated-b:21500 is not reached (no answer); trying on, its messages are kept.",
            new LogLine.PeerContact("b", false, "b at generated-b:21500 is not reached (no answer); trying on, its messages are kept.")),
        new("[coordinator] b is reached again.", new LogLine.PeerContact("b", true, "b is reached again.")),
        new("[coordinator] ERROR AMB5103: The log is locked.", new LogLine.CoordinatorError("AMB5103: The log is locked.")),
        new("[coordinator]   cause: another run", new LogLine.Explanation("  cause: another run")),
        new("[coordinator]   fix: stop it", new LogLine.Explanation("  fix: stop it")),
    ];

    [TestCaseSource(nameof(Known))]
    public void A_line_that_means_something_is_understood(string text, object expected) =>
        Assert.That(LogLine.Parse(text), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("Bytes per RPC\tThroughput (GB/sec)")]
    [TestCase("*X* 65536")]
    [TestCase("*X* 65536\tNaN")]
    [TestCase("*X* many\t0.1")]
    [TestCase("Bytes received: -1")]
    [TestCase("Bytes received: 12x")]
    [TestCase("Bytes received: 99999999999999999999")]
    [TestCase("Service Received x MB so far")]
    [TestCase("Service Received 3 MB")]
    [TestCase("ALMOST DONE")]
    [TestCase("App started: pid 12")]
    [TestCase("[coordinator] App started: pid x")]
    [TestCase("[coordinator] Replaying 12 records")]
    [TestCase("[coordinator] Recovering: some log records to replay, epoch 3.")]
    [TestCase("[coordinator] Recovering: 12")]
    public void Anything_else_means_nothing(string text) => Assert.That(LogLine.Parse(text), Is.Null);
}
