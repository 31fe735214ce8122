using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Platforms.Kubernetes.Viewing;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Viewing;

public sealed class StatusTableTests
{
    [Test]
    public void The_table_is_as_it_was() => Golden.Verify(
        "Platforms/Kubernetes/Viewing/status.txt",
        string.Join('\n', StatusTable.Lines(
            "Status: perftest in namespace ambrosia, context kind-kind",
            [
                new InstanceView(
                    TestSettings.Server, true,
                    new PodState(
                        "generated-perftestserver-0", "u", "Running", 1, true, true, false, null, null, null,
                        "registry.invalid/perftest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "node1"),
                    new CoordinatorStatus("primary", 3, 12, 0, 4)),
                new InstanceView(
                    TestSettings.Job, true,
                    new PodState("generated-perftestclient-0", "u", "Running", 4, false, false, false, PodState.BackOff, null, null, "sha256:abc", "node2"), null),
                new InstanceView("third", false, null, null),
            ],
            WorkProgress.None with { HighestReceived = 40L << 20, Rounds = [new ThroughputRow(65536, 0.0103)] },
            TestSettings.PerformanceTest.Verify)) + "\n");

    [Test]
    public void What_a_coordinator_answers_is_read() => Assert.That(
        CoordinatorStatus.Parse("""{"instance":"a","state":"primary","epoch":3,"nextSequenceId":9,"replayedRecords":5,"checkpoints":2,"appPid":null,"peers":[{"name":"b","connected":true,"unacknowledged":3},{"name":"c","connected":false,"unacknowledged":4}]}"""),
        Is.EqualTo(new CoordinatorStatus("primary", 3, 2, 5, 7)));

    [TestCase("")]
    [TestCase("no JSON")]
    [TestCase("{}")]
    [TestCase("[]")]
    public void Anything_else_is_no_answer(string text) => Assert.That(CoordinatorStatus.Parse(text), Is.Null);
}
