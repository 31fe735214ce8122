using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Verifying;

public sealed class UserTextTests
{
    [Test]
    public void The_commands_name_kubeconfig_context_and_namespace() => Assert.That(
        UserCommands.Of(new ClusterAccess("/home/me/.kube/config", "kind-kind", "ambrosia"), TestSettings.PerformanceTest, windows: false),
        Is.EqualTo(new[]
        {
            "See it yourself:",
            "  pods:     kubectl --kubeconfig /home/me/.kube/config --context kind-kind --namespace ambrosia get pods --selector ambrosia-deployment=perftest --output wide",
            "  logs:     kubectl --kubeconfig /home/me/.kube/config --context kind-kind --namespace ambrosia logs --follow generated-perftestclient-0",
            "  shell:    kubectl --kubeconfig /home/me/.kube/config --context kind-kind --namespace ambrosia exec --stdin --tty generated-perftestclient-0 -- bash",
            "  kill it:  kubectl --kubeconfig /home/me/.kube/config --context kind-kind --namespace ambrosia exec generated-perftestclient-0 -- bash -c 'kill $(pidof Job)'",
        }));

    [Test]
    public void The_expected_duration_is_said_before_anything_was_measured()
    {
        var original = TestSettings.PerformanceTest.Verify with { Rounds = 20, RoundBytes = 1L << 30 };

        Assert.That(
            ExpectedDuration.Describe(original),
            Is.EqualTo("Work: 20 rounds of 1024 MiB, about 32:03 at the rate that the original measured on a Standard share (0.0104 GiB/s); the time to go is corrected by the rates that come in."));
    }

    [Test]
    public void A_Job_whose_DONE_went_with_its_pod_is_judged_by_the_Servers_totals() => Assert.That(
        ClusterVerdict.Judge(
            WorkProgress.None with { BytesReceived = 100L << 20, OutOfOrder = 0, ServerDone = true }, TestSettings.PerformanceTest),
        Is.EqualTo(new OracleVerdict(true, "Bytes received 104857600 of 104857600, 0 out of order", null)));

    [Test]
    public void A_Job_that_is_not_done_is_not_judged_by_what_has_come_so_far() => Assert.That(
        ClusterVerdict.Judge(WorkProgress.None with { BytesReceived = 100L << 20, OutOfOrder = 0 }, TestSettings.PerformanceTest).Problem,
        Is.EqualTo("the Job did not finish"));

    [Test]
    public void Microsofts_app_says_nothing_of_order_and_is_judged_by_its_bytes()
    {
        var progress = WorkProgress.None with { BytesReceived = 100L << 20, ServerDone = true };

        Assert.That(ClusterVerdict.Judge(progress, TestSettings.PerformanceTest with { Runtime = RuntimeKind.Ambrosia }).Holds, Is.True);
        Assert.That(ClusterVerdict.Judge(progress, TestSettings.PerformanceTest).Holds, Is.False);
    }
}
