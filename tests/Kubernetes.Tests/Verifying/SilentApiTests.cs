using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Emulators.Kubernetes;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>A cluster with an API of which nobody answers, such as that of a metrics server that is down.</summary>
public sealed class SilentApiTests(int minor) : DeploymentFixture(minor)
{
    internal override EmulatorOptions Options => new() { SilentGroups = ["metrics.k8s.io"] };

    [Test]
    public async Task A_deployment_is_cleaned_and_the_namespace_is_kept_with_the_reason(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await new KubernetesCleaner(new KubernetesWorkloadCleaner(SettingsProvider, Roles, Eraser(), Services), Substitute.For<IConfirmation>(), Screen)
            .CleanAsync(new CleanOptions(CleanScope.All, Force: false, NoWait: false), cancellation);

        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1PersistentVolumeClaim>(Ns), Is.Empty);
        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Not.Null);
        Assert.That(Screen.Text, Does.Contain("kept: the cluster's API metrics.k8s.io/v1beta1 does not answer").And.Not.Contain("stays after all"));
    }
}
