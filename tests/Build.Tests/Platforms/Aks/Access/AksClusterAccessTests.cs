using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AksClusterAccessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StateDirectory _state;

    public AksClusterAccessTests() => _state = new StateDirectory(AksSettings.Provider(), name => name == "XDG_STATE_HOME" ? _directory.Path : null);

    private string Kubeconfig => Path.Combine(_state.Path, AksClusterAccess.FileName);

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task The_kubeconfig_is_fetched_into_a_file_for_the_user_alone()
    {
        var access = await GetAsync(Cluster("a.azmk8s.io"), Fetch());

        Assert.That((access.Kubeconfig, access.Context, access.Namespace), Is.EqualTo((Kubeconfig, "hello-cluster", "ambrosia")));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(Kubeconfig), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task It_is_not_fetched_again_while_the_cluster_is_the_same()
    {
        await GetAsync(Cluster("a.azmk8s.io"), Fetch());
        await GetAsync(Cluster("a.azmk8s.io"));
    }

    [Test]
    public async Task It_is_fetched_again_for_a_cluster_that_was_made_anew()
    {
        await GetAsync(Cluster("a.azmk8s.io"), Fetch());
        await GetAsync(Cluster("b.azmk8s.io"), Fetch());
    }

    [Test]
    public async Task What_was_fetched_in_part_is_not_kept()
    {
        var failing = Fetch() with { ExitCode = 1, Error = "ERROR: no" };
        await Assert.ThatAsync(() => GetAsync(Cluster("a.azmk8s.io"), failing), Throws.InstanceOf<BuildException>());
        Assert.That(File.Exists(Kubeconfig), Is.False);
        await GetAsync(Cluster("a.azmk8s.io"), Fetch());
    }

    [Test]
    public async Task A_cluster_without_local_accounts_is_entered_through_kubelogin() => await GetAsync(
        Cluster("a.azmk8s.io", isEntraOnly: true),
        new ScriptedCommand("kubelogin", "--version"),
        Fetch("--format", "exec"),
        new ScriptedCommand("kubelogin", "convert-kubeconfig", "--login", "azurecli", "--kubeconfig", Kubeconfig));

    [Test]
    public async Task A_cluster_with_Entra_identities_and_local_accounts_is_entered_through_kubelogin_too()
    {
        using var arm = FakeArm.Of((
            AksSettings.Cluster,
            $$$"""{"id":"{{{AksSettings.Cluster}}}","name":"hello-cluster","properties":{"fqdn":"a.azmk8s.io","disableLocalAccounts":false,"aadProfile":{"managed":true} } }"""));
        await GetAsync(
            arm,
            new ScriptedCommand("kubelogin", "--version"),
            Fetch("--format", "exec"),
            new ScriptedCommand("kubelogin", "convert-kubeconfig", "--login", "azurecli", "--kubeconfig", Kubeconfig));
    }

    [Test]
    public async Task Without_kubelogin_it_says_how_to_get_it()
    {
        var missing = new ScriptedCommand("kubelogin", "--version") { Throws = new BuildException(ErrorCode.ToolMissing, "kubelogin was not found.") };

        var failure = await Assert.ThrowsAsync<BuildException>(() => GetAsync(Cluster("a.azmk8s.io", isEntraOnly: true), missing));

        Assert.That(failure!.Message, Does.StartWith("AMB2001: Cluster hello-cluster is entered with Entra identities").And.Contains("az aks install-cli"));
    }

    [Test]
    public async Task A_cluster_that_is_not_there_or_stopped_is_refused_with_the_way_out()
    {
        using var none = FakeArm.Of();
        var missing = await Assert.ThrowsAsync<BuildException>(() => GetAsync(none));
        using var stopped = FakeArm.Of((AksSettings.Cluster, """{"properties":{"powerState":{"code":"Stopped"}}}"""));
        var asleep = await Assert.ThrowsAsync<BuildException>(() => GetAsync(stopped));

        Assert.That((missing!.Code, missing.Remedy), Is.EqualTo((ErrorCode.ClusterUnreachable, "./build.sh --target=ProvisionAks")));
        Assert.That(asleep!.Remedy, Does.StartWith("az aks start --name hello-cluster"));
    }

    [TestCase("Succeeded", true)]
    [TestCase("Updating", true)]
    [TestCase("Creating", false)]
    [TestCase("Deleting", false)]
    [TestCase(null, false)]
    public async Task It_exists_when_its_server_can_answer(string? state, bool expected)
    {
        using var arm = state is null ? FakeArm.Of() : FakeArm.Of((AksSettings.Cluster, $$"""{"properties":{"provisioningState":"{{state}}"} }"""));
        using var client = arm.Client();
        using var runner = new ScriptedProcessRunner();
        var access = Access(client, runner);

        Assert.That(await access.ExistsAsync(default), Is.EqualTo(expected));
    }

    [Test]
    public async Task Forgetting_removes_it_and_does_not_mind_that_there_is_none()
    {
        using var arm = Cluster("a.azmk8s.io");
        using var client = arm.Client();
        using var runner = new ScriptedProcessRunner(Fetch());
        var access = Access(client, runner);
        await access.ForgetAsync(default);
        await access.GetAsync(default);

        await access.ForgetAsync(default);

        Assert.That(Directory.GetFiles(_state.Path), Is.Empty);
    }

    private static FakeArm Cluster(string fqdn, bool isEntraOnly = false) => FakeArm.Of((
        AksSettings.Cluster,
        $$$"""{"id":"{{{AksSettings.Cluster}}}","name":"hello-cluster","properties":{"fqdn":"{{{fqdn}}}","disableLocalAccounts":{{{(isEntraOnly ? "true" : "false")}}}} }"""));

    private ScriptedCommand Fetch(params string[] further) => new(
        "az",
        [
            "aks", "get-credentials", "--name", "hello-cluster", "--resource-group", "hello-group", "--file", Kubeconfig, "--context", "hello-cluster",
            "--overwrite-existing", .. further, "--subscription", AksSettings.Subscription, "--only-show-errors", "--output", "json",
        ]);

    private AksClusterAccess Access(IArmClient client, ScriptedProcessRunner runner)
    {
        var session = Substitute.For<IAzureSession>();
        session.Arm.Returns(client);
        return new AksClusterAccess(session, new AzCli(runner), runner, _state, AksSettings.Provider());
    }

    private async Task<Ambrosia.Build.Platforms.Contracts.ClusterAccess> GetAsync(FakeArm arm, params ScriptedCommand[] script)
    {
        using var client = arm.Client();
        using var runner = new ScriptedProcessRunner(script);
        var access = Access(client, runner);
        return await access.GetAsync(default);
    }
}
