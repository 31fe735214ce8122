using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Emulators.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>The oldest server that is supported.</summary>
public sealed class OlderServerTests(int minor) : ContractFixture(minor)
{
    protected override EmulatorOptions Options => new() { GitVersion = "v1.21.14" };

    [Test]
    public async Task A_kubelet_that_the_server_does_not_reach_is_named()
    {
        await DeployAsync();
        Cluster.State.SetKubeletReachable("node1", false);
        var exec = await Kubectl.RunAsync("exec", "web-0", "--", "true");
        Assert.Multiple(() =>
        {
            Assert.That(exec.Error, Is.EqualTo("Error from server: error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused\n"));
            Assert.That(KubectlFailure.Of(exec.Error).Kind, Is.EqualTo(KubectlFailureKind.NodeUnreachable));
        });
    }
}
