using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Emulators.Kubernetes;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>What Clean waits for, in less time than that takes.</summary>
public sealed class CleanWaitTests(int minor) : DeploymentFixture(minor)
{
    protected override int Acceleration => 30;

    internal override EmulatorOptions Options => new() { VolumeDeletion = TimeSpan.FromSeconds(6) };

    [Test]
    public async Task A_disk_whose_deletion_takes_minutes_is_waited_for_and_spoken_of(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.Logs, cancellation);

        Assert.That(Cluster.State.List<V1PersistentVolume>(), Is.Empty);
        Assert.That(Screen.Text, Does.Contain("Waiting up to 10:00 for the provisioner to delete PersistentVolume pvc-").And.Contain("nothing of them is left"));
    }

    [Test]
    public async Task A_disk_that_its_provisioner_does_not_delete_is_a_failure_with_its_word(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var volume = Cluster.State.Get<V1PersistentVolumeClaim>(Ns, "generated-perftestclient-logs")!.Spec.VolumeName;
        Cluster.State.Change<V1PersistentVolume>("", volume, item => item["spec"]!["persistentVolumeReclaimPolicy"] = "Recycle");
        Cluster.State.Change<V1PersistentVolume>("", volume, item => item["status"]!["message"] = "the disk is attached to another machine");

        var failure = (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.Logs, cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.CleanIncomplete));
        Assert.That(failure.What, Does.Contain($"PersistentVolume {volume}: its provisioner has not deleted it: the disk is attached to another machine"));
    }

    [Test]
    public async Task What_somebody_puts_into_the_namespace_meanwhile_keeps_it_and_is_a_failure_that_names_it(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        // After the plan and the first look, before the last one: while the pods are deleted.
        var cleaning = CleanAsync(CleanScope.All, cancellation);
        await Cluster.State.WaitForAsync(state => state.List<V1StatefulSet>(Ns).Count < 2, TimeSpan.FromMinutes(2), cancellation);
        Cluster.State.Put(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "somebodys", NamespaceProperty = Ns } });

        var failure = (await Assert.ThrowsAsync<BuildException>(() => cleaning))!;

        Assert.That(Cluster.State.Get<V1ConfigMap>(Ns, "somebodys"), Is.Not.Null);
        Assert.That(failure.Message, Does.StartWith("AMB3008").And.Contain("Namespace ambrosia: kept, since others have put ConfigMap somebodys into it"));
        Assert.That(Screen.Text, Does.Not.Contain("nothing of them is left"));
    }

    private Task CleanAsync(CleanScope scope, CancellationToken cancellation) =>
        new KubernetesCleaner(new KubernetesWorkloadCleaner(SettingsProvider, Roles, Eraser(), Services), Substitute.For<IConfirmation>(), Screen)
            .CleanAsync(new CleanOptions(scope, Force: false, NoWait: false), cancellation);
}
