using Ambrosia.Build.Oracle;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

public sealed class OracleVerdictTests
{
    private static readonly WorkProgress Exact =
        WorkProgress.None with { BytesReceived = 1610612736, OutOfOrder = 0, JobDone = true, ServerDone = true };

    [Test]
    public void The_exact_total_in_order_holds() =>
        Assert.That(
            OracleVerdict.Judge(Exact, 1610612736),
            Is.EqualTo(new OracleVerdict(true, "Bytes received 1610612736 of 1610612736, 0 out of order", null)));

    private static IEnumerable<TestCaseData> Wrong =>
    [
        new(Exact with { BytesReceived = 1610612735 }, "1 bytes are missing"),
        new(Exact with { BytesReceived = 1610612800 }, "64 bytes too many arrived"),
        new(Exact with { OutOfOrder = 3 }, "3 messages came out of order"),
        new(Exact with { JobDone = false }, "the Job did not finish"),
        new(Exact with { BytesReceived = null }, "the Server never printed its total"),
        new(Exact with { OutOfOrder = null }, "the Server never printed how many messages came out of order"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void Anything_else_does_not_hold_and_says_why(WorkProgress progress, string problem)
    {
        var verdict = OracleVerdict.Judge(progress, 1610612736);

        Assert.That((verdict.Holds, verdict.Problem), Is.EqualTo((false, problem)));
    }
}
