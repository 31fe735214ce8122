using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>What Clean waits for, in less time than that takes.</summary>
public sealed class CleanWaitTests(int minor) : DeploymentFixture(minor)
{
    protected override int Acceleration => 30;

    [Test]
    public async Task What_somebody_puts_into_the_namespace_meanwhile_keeps_it_and_is_named(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        // After the plan and the first look, before the last one: while the pods are deleted.
        var cleaning = CleanAsync(CleanScope.All, cancellation);
        await Cluster.State.WaitForAsync(state => state.List<V1StatefulSet>(Ns).Count < 2, TimeSpan.FromMinutes(2), cancellation);
        Cluster.State.Put(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "somebodys", NamespaceProperty = Ns } });

        await cleaning;

        Assert.That(Cluster.State.Get<V1ConfigMap>(Ns, "somebodys"), Is.Not.Null);
        Assert.That(Screen.Text, Does.Contain("The Namespace ambrosia stays after all: others have put ConfigMap somebodys into it"));
    }

    private Task CleanAsync(CleanScope scope, CancellationToken cancellation) =>
        new KubernetesCleaner(new KubernetesWorkloadCleaner(SettingsProvider, Roles, Eraser(), Services), Substitute.For<IConfirmation>(), Screen)
            .CleanAsync(new CleanOptions(scope, Force: false, NoWait: false), cancellation);
}
