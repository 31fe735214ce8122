using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using k8s.Models;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class CleanTests(int minor) : DeploymentFixture(minor)
{
    private IConfirmation _confirmation = Substitute.For<IConfirmation>();

    [SetUp]
    public void AskAnew() => _confirmation = Substitute.For<IConfirmation>();

    [Test]
    public async Task Logs_stops_the_instances_and_deletes_their_logs_and_nothing_else(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.Logs, cancellation);

        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1Pod>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1PersistentVolumeClaim>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1Service>(Ns).Select(item => item.Metadata.Name), Is.EquivalentTo(new[] { "generated-perftestserver", "generated-perftestclient" }));
        Assert.That(Cluster.State.List<V1Secret>(Ns).Select(item => item.Metadata.Name), Does.Contain("pull-secret"));
        Assert.That(Screen.Text, Does.Contain("delete").And.Contain("PersistentVolumeClaim generated-perftestclient-logs").And.Contain("nothing of them is left"));
    }

    [Test]
    public async Task Logs_can_be_repeated(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.Logs, cancellation);
        await CleanAsync(CleanScope.Logs, cancellation);

        Assert.That(Screen.Text, Does.Contain("nothing of this deployment is there"));
    }

    [Test]
    public async Task Defect_13_the_log_reset_has_a_scope_of_its_own_and_the_next_deployment_starts_from_it(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var before = Cluster.State.Get<V1PersistentVolumeClaim>(Ns, "generated-perftestclient-logs")!.Metadata.Uid;
        await CleanAsync(CleanScope.Logs, cancellation);

        await DeployReadyAsync(cancellation);

        Assert.That(Cluster.State.Get<V1PersistentVolumeClaim>(Ns, "generated-perftestclient-logs")!.Metadata.Uid, Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Defect_11_nothing_of_anybody_else_is_touched(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var other = Settings with
        {
            ServiceName = "other",
            Instances = [.. Settings.Instances.Select(instance => instance with { Name = "other" + instance.Name })],
            Kubernetes = Settings.Kubernetes with { PullSecret = "other-secret" },
        };
        await DeployAsync(cancellation, other);
        Cluster.State.Put(Foreign<V1ConfigMap>("somebodys", Ns));
        Cluster.State.CreateNamespace("elsewhere");
        Cluster.State.Put(Foreign<V1ConfigMap>("same-label", "elsewhere", ("ambrosia-deployment", "perftest")));

        await CleanAsync(CleanScope.All, cancellation);

        Assert.That(
            Cluster.State.List<V1StatefulSet>().Select(item => item.Metadata.Name), Is.EquivalentTo(new[] { "generated-otherperftestserver", "generated-otherperftestclient" }));
        Assert.That(Cluster.State.List<V1PersistentVolumeClaim>(Ns), Has.Count.EqualTo(2));
        Assert.That(Cluster.State.List<V1Secret>(Ns).Select(item => item.Metadata.Name), Does.Contain("other-secret").And.Not.Contain("pull-secret"));
        Assert.That(Cluster.State.Get<V1ConfigMap>(Ns, "somebodys"), Is.Not.Null);
        Assert.That(Cluster.State.Get<V1ConfigMap>("elsewhere", "same-label"), Is.Not.Null);
        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Not.Null);
        Assert.That(Screen.Text, Does.Contain("Namespace ambrosia").And.Contain("kept: others have put"));
        Assert.That(Journal.Records.Select(record => record.CommandLine), Has.All.Contains("--context emulator --namespace ambrosia "));
    }

    [Test]
    public async Task All_removes_the_namespace_that_was_made_for_it(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.All, cancellation);

        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Null);
    }

    [Test]
    public async Task A_namespace_that_somebody_else_made_stays(CancellationToken cancellation)
    {
        Cluster.State.CreateNamespace(Ns);
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.All, cancellation);

        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Not.Null);
        Assert.That(Cluster.State.List<V1Service>(Ns), Is.Empty);
    }

    [Test]
    public async Task Auth_deletes_the_Secrets_alone(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.Auth, cancellation);

        Assert.That(Cluster.State.List<V1Secret>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Most_keeps_the_namespace(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);

        await CleanAsync(CleanScope.Most, cancellation);

        Assert.That(Cluster.State.List<V1Service>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1Secret>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1PersistentVolumeClaim>(Ns), Is.Empty);
        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Not.Null);
    }

    [Test]
    public async Task Defect_12_what_remains_is_listed_and_is_a_failure(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var volume = Cluster.State.Get<V1PersistentVolumeClaim>(Ns, "generated-perftestclient-logs")!.Spec.VolumeName;
        Cluster.State.Change<V1PersistentVolume>("", volume, item => item["spec"]!["persistentVolumeReclaimPolicy"] = "Retain");

        var failure = (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.All, cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.CleanIncomplete));
        Assert.That(failure.What, Does.Contain($"PersistentVolume {volume}: kept by its reclaim policy Retain"));
    }

    [Test]
    public async Task Without_a_yes_nothing_is_removed(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        _confirmation.RequireAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(Task.FromException(new BuildException(ErrorCode.ConfirmationMissing, "no")));

        var failure = (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.All, cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.ConfirmationMissing));
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Nothing_to_clean_is_said(CancellationToken cancellation)
    {
        Cluster.State.CreateNamespace(Ns);

        await CleanAsync(CleanScope.All, cancellation);

        Assert.That(Screen.Text, Is.EqualTo("Clean: nothing of this deployment is there\n"));
    }

    [Test]
    public async Task Rights_that_end_at_the_namespace_are_enough_for_what_is_in_it(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var user = Cluster.AddUser("deployer");
        Cluster.Access.AllowOnly("deployer", new Emulators.Kubernetes.Access.AccessRule("*", "*", Ns));
        Act(user);

        await CleanAsync(CleanScope.Most, cancellation);

        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1PersistentVolumeClaim>(Ns), Is.Empty);
    }

    /// <summary>The rights that Doctor finds to be as needed where no Secret is made.</summary>
    [Test]
    public async Task Without_rights_to_Secrets_a_deployment_that_makes_none_is_cleaned_and_that_is_said_once(CancellationToken cancellation)
    {
        Settings = Settings with { Kubernetes = Settings.Kubernetes with { RegistryUser = null } };
        Roles.Registry.PullLoginAsync(Arg.Any<CancellationToken>()).Returns((RegistryLogin?)null);
        await DeployReadyAsync(cancellation);
        Restrict();

        await CleanAsync(CleanScope.Most, cancellation);

        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Is.Empty);
        Assert.That(Cluster.State.List<V1Service>(Ns), Is.Empty);
        Assert.That(Screen.Text.Split("Secrets may not be listed by this account"), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Without_rights_to_Secrets_a_deployment_that_makes_some_is_not_said_to_be_cleaned(CancellationToken cancellation)
    {
        Settings = Settings with { Kubernetes = Settings.Kubernetes with { RegistryUser = "puller" } };
        await DeployReadyAsync(cancellation);
        Restrict();

        var failure = (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.Most, cancellation)))!;

        Assert.That(failure.Message, Does.StartWith("AMB5011").And.Contain("secrets is forbidden"));
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Has.Count.EqualTo(2));
    }

    private void Restrict()
    {
        var user = Cluster.AddUser("nosecrets");
        Cluster.Access.AllowOnly("nosecrets", new Emulators.Kubernetes.Access.AccessRule("*", "statefulsets.apps,services,persistentvolumeclaims,pods", Ns));
        Act(user);
    }

    [Test]
    public async Task A_namespace_that_could_not_be_looked_into_is_kept(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var user = Cluster.AddUser("halfblind");
        Cluster.Access.AllowOnly(
            "halfblind", new Emulators.Kubernetes.Access.AccessRule("*", "namespaces"),
            new Emulators.Kubernetes.Access.AccessRule("*", "statefulsets.apps,services,persistentvolumeclaims,pods,secrets", Ns));
        Act(user);

        await CleanAsync(CleanScope.All, cancellation);

        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Not.Null);
        Assert.That(Cluster.State.List<V1StatefulSet>(Ns), Is.Empty);
        Assert.That(Screen.Text, Does.Contain("may not look at everything in it"));
    }

    [Test]
    public async Task What_the_garbage_collector_has_not_come_to_does_not_keep_the_namespace(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var set = Cluster.State.Get<V1StatefulSet>(Ns, "generated-perftestclient")!.Metadata;
        // It is held as long as the owner's deletion is not noticed; a namespace waits for it as well.
        Cluster.State.Put(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta
            {
                Name = "late",
                NamespaceProperty = Ns,
                Finalizers = ["emulator.invalid/late"],
                OwnerReferences = [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "StatefulSet", Name = set.Name, Uid = set.Uid }],
            },
        });
        var cleaning = CleanAsync(CleanScope.All, cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<V1Namespace>("", Ns)?.Status?.Phase == "Terminating", TimeSpan.FromMinutes(2), cancellation);
        Cluster.State.Change<V1ConfigMap>(Ns, "late", item => item["metadata"]!.AsObject().Remove("finalizers"));
        Cluster.State.Remove<V1ConfigMap>(Ns, "late");

        await cleaning;

        Assert.That(Cluster.State.Get<V1Namespace>("", Ns), Is.Null);
    }

    private Task CleanAsync(CleanScope scope, CancellationToken cancellation) =>
        new KubernetesCleaner(new KubernetesWorkloadCleaner(SettingsProvider, Roles, Eraser(), Services), _confirmation, Screen)
            .CleanAsync(new CleanOptions(scope, Force: false, NoWait: false), cancellation);

    private static T Foreign<T>(string name, string space, params (string Key, string Value)[] labels)
        where T : k8s.IKubernetesObject<V1ObjectMeta>, new() => new()
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = space, Labels = labels.ToDictionary(label => label.Key, label => label.Value) },
        };
}
