using Ambrosia.Build;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Settings;
using Ambrosia.Emulators.Kubernetes.Access;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>What Doctor asks a cluster, with the real kubectl, and what it says of the answers.</summary>
[TestFixture(31)]
[TestFixture(35)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DoctorTests(int minor)
{
    private const string Space = "ambrosia";
    private const string Deploying = "statefulsets.apps,services,persistentvolumeclaims";

    private DeployWorld _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await DeployWorld.StartAsync(minor);

    [TearDown]
    public async Task StopAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
    }

    [Test]
    public async Task All_rights_are_asked_for_in_one_command_that_makes_nothing()
    {
        Assert.That(await RightsAsync(), Is.EqualTo("Good rights in namespace ambrosia: as needed"));

        Assert.Multiple(() =>
        {
            Assert.That(_world.Runner.Commands, Has.Exactly(1).EqualTo("create"));
            Assert.That(_world.Cluster.Requests.Count(request => request.Path.Contains("selfsubjectaccessreviews", StringComparison.Ordinal)), Is.EqualTo(26));
            Assert.That(_world.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task Each_right_that_is_missing_is_named_and_Secrets_are_no_matter_where_none_is_made()
    {
        Restrict(
            new AccessRule("create,list,patch,delete,get", Deploying, Space), new AccessRule("list,watch,delete", "pods", Space), new AccessRule("create", "pods/exec", Space));
        _world.Cluster.State.CreateNamespace(Space);

        Assert.That(await RightsAsync(), Is.EqualTo(
            "Error rights in namespace ambrosia: missing: watch statefulsets.apps, get pods, get pods/log\n"
            + "    fix: ask the cluster's administrator for them\n"
            + "Warning rights in namespace ambrosia: missing, so that less is known of what goes wrong: list events, get controllerrevisions.apps, list nodes\n"
            + "    fix: ask the cluster's administrator for them"));
    }

    [Test]
    public async Task Secrets_matter_where_one_is_made()
    {
        Restrict(
            new AccessRule("*", $"{Deploying},controllerrevisions.apps,pods,pods/exec,pods/log,events", Space), new AccessRule("list", "nodes"), new AccessRule("get,list,create,patch", "secrets", Space));
        _world.Cluster.State.CreateNamespace(Space);
        _world.Settings = _world.Settings with { Kubernetes = _world.Settings.Kubernetes with { RegistryUser = "me", RegistryPassword = "sentinel" } };

        Assert.That(await RightsAsync(), Is.EqualTo(
            "Error rights in namespace ambrosia: missing: delete secrets\n    fix: ask the cluster's administrator for them"));
    }

    [Test]
    public async Task A_namespace_that_is_not_there_takes_the_right_to_make_it()
    {
        Restrict(new AccessRule("*", "*", Space), new AccessRule("get", "namespaces"), new AccessRule("list", "nodes"));

        var before = await RightsAsync();
        _world.Cluster.State.CreateNamespace(Space);

        Assert.That(before, Is.EqualTo("Error rights in namespace ambrosia: missing: create namespaces\n    fix: ask the cluster's administrator for them"));
        Assert.That(await RightsAsync(), Is.EqualTo("Good rights in namespace ambrosia: as needed"));
    }

    [Test]
    public async Task A_server_that_says_nothing_of_rights_is_no_error()
    {
        var answers = await _world.Kubectl.MayAsync(
            _world.Access with { Kubeconfig = _world.Access.Kubeconfig + "-missing" }, [new AccessRight("get", "pods")], CancellationToken.None);

        Assert.That(answers, Is.Empty);
    }

    private void Restrict(params IReadOnlyList<AccessRule> rules)
    {
        _world.User = _world.Cluster.AddUser("limited");
        _world.Cluster.Access.AllowOnly("limited", rules);
    }

    private async Task<string> RightsAsync()
    {
        _world.Cluster.WriteKubeconfig(_world.Access.Kubeconfig, _world.User, _world.Access.Context);
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(_world.Settings);
        var state = new StateDirectory(settings, _ => null);
        var checks = new ClusterChecks(_world.Kubectl, new ImageLoader(_world.Runner, new DockerCli(_world.Runner, state), state, _world.Console));
        var findings = await checks.DiagnoseAsync(_world.Access, _world.Settings, _world.Volumes, CancellationToken.None);
        return string.Join('\n', findings.Where(finding => finding.Subject.StartsWith("rights", StringComparison.Ordinal)).Select(finding => $"{finding.Severity} {finding}"));
    }
}
