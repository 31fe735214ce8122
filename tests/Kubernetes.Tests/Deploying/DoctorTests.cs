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
public sealed class DoctorTests(int minor) : DeployFixture(minor)
{
    private const string Deploying = "statefulsets.apps,services,persistentvolumeclaims";

    [Test]
    public async Task All_rights_are_asked_for_in_one_command_that_makes_nothing()
    {
        Assert.That(await RightsAsync(), Is.EqualTo("Good rights in namespace ambrosia: as needed"));

        Assert.Multiple(() =>
        {
            Assert.That(World.Runner.Commands, Has.Exactly(1).EqualTo("create"));
            Assert.That(World.Cluster.Requests.Count(request => request.Path.Contains("selfsubjectaccessreviews", StringComparison.Ordinal)), Is.EqualTo(26));
            Assert.That(World.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task Each_right_that_is_missing_is_named_and_Secrets_are_no_matter_where_none_is_made()
    {
        Restrict(
            new AccessRule("create,list,patch,delete,get", Deploying, Space), new AccessRule("list,watch,delete", "pods", Space), new AccessRule("create", "pods/exec", Space));
        World.Cluster.State.CreateNamespace(Space);

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
        World.Cluster.State.CreateNamespace(Space);
        World.Settings = World.Settings with { Kubernetes = World.Settings.Kubernetes with { RegistryUser = "me", RegistryPassword = "sentinel" } };

        Assert.That(await RightsAsync(), Is.EqualTo(
            "Error rights in namespace ambrosia: missing: delete secrets\n    fix: ask the cluster's administrator for them"));
    }

    [Test]
    public async Task A_namespace_that_is_not_there_takes_the_right_to_make_it()
    {
        Restrict(new AccessRule("*", "*", Space), new AccessRule("get", "namespaces"), new AccessRule("list", "nodes"));

        var before = await RightsAsync();
        World.Cluster.State.CreateNamespace(Space);

        Assert.That(before, Is.EqualTo("Error rights in namespace ambrosia: missing: create namespaces\n    fix: ask the cluster's administrator for them"));
        Assert.That(await RightsAsync(), Is.EqualTo("Good rights in namespace ambrosia: as needed"));
    }

    [Test]
    public async Task A_server_that_says_nothing_of_rights_is_no_error()
    {
        var answers = await World.Kubectl.MayAsync(
            World.Access with { Kubeconfig = World.Access.Kubeconfig + "-missing" }, [new AccessRight("get", "pods")], CancellationToken.None);

        Assert.That(answers, Is.Empty);
    }

    private void Restrict(params IReadOnlyList<AccessRule> rules)
    {
        World.User = World.Cluster.AddUser("limited");
        World.Cluster.Access.AllowOnly("limited", rules);
    }

    private async Task<string> RightsAsync()
    {
        World.Cluster.WriteKubeconfig(World.Access.Kubeconfig, World.User, World.Access.Context);
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(World.Settings);
        var state = new StateDirectory(settings, _ => null);
        var checks = new ClusterChecks(World.Kubectl, new ImageLoader(World.Runner, new DockerCli(World.Runner, state), state, World.Console));
        var findings = await checks.DiagnoseAsync(World.Access, World.Settings, World.Volumes, CancellationToken.None);
        return string.Join('\n', findings.Where(finding => finding.Subject.StartsWith("rights", StringComparison.Ordinal)).Select(finding => $"{finding.Severity} {finding}"));
    }
}
