using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Tools;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using Ambrosia.Build.Tests.Reporting;
using Cake.Core.Tooling;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConfigurationTests : IDisposable
{
    private static readonly ScriptedCommand Az = new("az", "version", "--only-show-errors", "--output", "json") { Output = """{"azure-cli":"2.45.0"}""" };

    private static readonly ScriptedCommand Kubectl = new("kubectl", "version", "--client", "--output=json") { Output = """{"clientVersion":{"gitVersion":"v1.32.4"}}""" };

    private static readonly ScriptedCommand Docker = new("docker", "version", "--format", "{{json .}}") { Output = """{"Client":{"Version":"28.2.2"}}""" };

    private static readonly AzureAccount Account = new(AksSettings.Subscription, "Pay", "tenant-id", "app-id", "servicePrincipal", "AzureCloud");

    private static readonly RunScope Scope = new(["Configure"]);

    private readonly TemporaryDirectory _directory = new();
    private readonly IReachability _reachability = Substitute.For<IReachability>();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task What_it_stands_on_is_told_one_line_a_fact()
    {
        using var arm = FakeArm.Of();
        using var runner = new ScriptedProcessRunner(Az, Kubectl, Docker);

        Assert.That(await Configuration(runner, arm, Account).CheckAsync(default), Is.EqualTo(new[]
        {
            "Azure:     Pay (subscription 22222222-2222-2222-2222-222222222222), AzureCloud",
            "Tenant:    tenant-id",
            "Identity:  app-id (service principal)",
            "Location:  eastus, resource group hello-group",
            "Tools:     az 2.45.0, kubectl 1.32.4, docker 28.2.2",
        }));
    }

    [Test]
    public async Task A_private_cluster_and_Entra_are_recognised()
    {
        using var arm = FakeArm.Of((
            AksSettings.Cluster,
            """{"name":"hello-cluster","properties":{"privateFQDN":"x.privatelink","disableLocalAccounts":true,"apiServerAccessProfile":{"enablePrivateCluster":true}}}"""));
        using var runner = new ScriptedProcessRunner(Az, Kubectl, Docker, new ScriptedCommand("kubelogin", "--version"));

        var lines = await Configuration(runner, arm, Account).CheckAsync(default);

        Assert.That(lines.Skip(5), Is.EqualTo(new[]
        {
            "Cluster:   Entra identities; kubectl logs in through kubelogin",
            "Cluster:   private API server x.privatelink, not reachable from here: Deploy and Verify must run where its virtual network is reachable, "
            + "such as a machine or CI runner inside it, or over a VPN",
        }));
    }

    [Test]
    public async Task All_problems_are_told_at_once()
    {
        using var arm = FakeArm.Of();
        using var runner = new ScriptedProcessRunner(
            Az with { Output = """{"azure-cli":"2.30.0"}""" },
            Kubectl with { Output = """{"clientVersion":{"gitVersion":"v1.20.2"}}""" },
            Docker with { Throws = new BuildException(ErrorCode.ToolMissing, "docker was not found.", remedy: "install Docker") });

        var failure = await Assert.ThrowsAsync<BuildException>(() => Configuration(runner, arm, null).CheckAsync(default));

        Assert.That(failure!.Message, Is.EqualTo(
            """
            AMB3006: 4 problems; nothing was changed.
              AMB2004: az 2.30.0 is too old: 2.45 is needed.
                fix:    update the Azure CLI: az upgrade, or https://learn.microsoft.com/cli/azure/install-azure-cli
              AMB2004: kubectl 1.20.2 is too old: 1.31 is needed.
                fix:    install kubectl 1.31 or newer: https://kubernetes.io/docs/tasks/tools/
              AMB2001: docker was not found.
                fix:    install Docker
              AMB3001: not logged in
            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public async Task A_missing_az_is_one_problem()
    {
        using var arm = FakeArm.Of();
        var missing = new BuildException(ErrorCode.ToolMissing, "az was not found.");
        using var runner = new ScriptedProcessRunner(Az with { Throws = missing }, Kubectl, Docker);
        var session = Session(arm, null);
        session.GetAccountAsync(default).ReturnsForAnyArgs(Task.FromException<AzureAccount>(missing));

        var failure = await Assert.ThrowsAsync<BuildException>(() => Configuration(runner, session).CheckAsync(default));

        Assert.That(failure, Is.SameAs(missing));
    }

    [Test]
    public async Task A_public_image_needs_no_docker()
    {
        using var arm = FakeArm.Of();
        using var runner = new ScriptedProcessRunner(Az, Kubectl);
        var configuration = new AksConfiguration(
            Session(arm, Account), Tools(runner), _reachability, AksSettings.Provider(settings => settings.WithPublicImage()), Scope);

        Assert.That((await configuration.CheckAsync(default))[4], Is.EqualTo("Tools:     az 2.45.0, kubectl 1.32.4"));
    }

    private static IAzureSession Session(FakeArm arm, AzureAccount? account)
    {
        var session = Substitute.For<IAzureSession>();
        var client = arm.Client();
        session.Arm.Returns(client);
        session.GetAccountAsync(default).ReturnsForAnyArgs(account is null
            ? Task.FromException<AzureAccount>(new BuildException(ErrorCode.AzureLoginFailed, "not logged in"))
            : Task.FromResult(account));
        return session;
    }

    private AksConfiguration Configuration(ScriptedProcessRunner runner, FakeArm arm, AzureAccount? account) => Configuration(runner, Session(arm, account));

    private AksConfiguration Configuration(ScriptedProcessRunner runner, IAzureSession session) =>
        new(session, Tools(runner), _reachability, AksSettings.Provider(), Scope);

    private AksTools Tools(ScriptedProcessRunner runner)
    {
        var state = new StateDirectory(AksSettings.Provider(), name => name == "XDG_STATE_HOME" ? _directory.Path : null);
        return new AksTools(new AzCli(runner), new DockerCli(runner, state), runner, Substitute.For<IToolLocator>(), state);
    }
}
