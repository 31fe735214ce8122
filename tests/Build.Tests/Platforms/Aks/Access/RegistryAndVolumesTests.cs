using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Access;

public sealed class RegistryAndVolumesTests
{
    private static readonly ScriptedCommand Login = new(
        "az", "acr", "login", "--name", "helloregistry", "--expose-token", "--subscription", AksSettings.Subscription, "--only-show-errors", "--output", "json")
    {
        Output = """{"accessToken":"acr-token-1","loginServer":"helloregistry.azurecr.io","username":"00000000-0000-0000-0000-000000000000"}""",
    };

    [Test]
    public async Task A_push_logs_in_with_a_token_that_is_masked_at_once()
    {
        using var runner = new ScriptedProcessRunner(Login);
        var mask = new SecretMask();
        var access = Registry(runner, FakeArm.Of(), mask);

        Assert.That(await access.PushLoginAsync(default), Is.EqualTo(
            new RegistryLogin("helloregistry.azurecr.io", "00000000-0000-0000-0000-000000000000", "acr-token-1")));
        Assert.That(mask.Mask("acr-token-1"), Is.EqualTo("***"));
    }

    [Test]
    public async Task Who_may_not_push_is_told_which_role_is_missing()
    {
        using var runner = new ScriptedProcessRunner(Login with { ExitCode = 1, Error = "CONNECTIVITY_REFRESH_TOKEN_ERROR", Output = "" });

        var failure = await Assert.ThrowsAsync<BuildException>(() => Registry(runner, FakeArm.Of(), new SecretMask()).PushLoginAsync(default));

        Assert.That(failure!.Message, Does.StartWith("AMB4004").And.Contains("AcrPush").And.Contains("CONNECTIVITY_REFRESH_TOKEN_ERROR"));
    }

    [Test]
    public async Task The_server_is_what_the_registry_says_or_what_its_name_comes_to()
    {
        using var runner = new ScriptedProcessRunner();
        var arm = FakeArm.Of((AksSettings.Registry, """{"properties":{"loginServer":"localhost:5000"}}"""));
        var existing = Registry(runner, arm, new SecretMask());
        var planned = Registry(runner, FakeArm.Of(), new SecretMask());
        var none = Registry(runner, FakeArm.Of(), new SecretMask(), settings => settings.WithPublicImage());

        Assert.That(await existing.ServerAsync(default), Is.EqualTo("localhost:5000"));
        Assert.That(await existing.ServerAsync(default), Is.EqualTo("localhost:5000"));
        Assert.That(arm.Requests, Has.Count.EqualTo(1), "it is asked once");
        Assert.That(await planned.ServerAsync(default), Is.EqualTo("helloregistry.azurecr.test"));
        Assert.That(await none.ServerAsync(default), Is.Null);
        Assert.That(await none.PushLoginAsync(default), Is.Null);
    }

    [Test]
    public async Task Logs_lie_on_the_share_or_on_premium_disks()
    {
        var session = Session(FakeArm.Of());

        Assert.That(await new AzureLogVolumes(session, AksSettings.Provider(), new SecretMask()).GetAsync(default), Is.EqualTo(
            new LogVolumes.AzureFileShare("hello-group", "hellostorage", "ambrosia-logs-smbshare", 80, "hellostorage.file.core.test")));
        var disks = new AzureLogVolumes(session, AksSettings.Provider(settings => settings.WithDisk()), new SecretMask());
        Assert.That(await disks.GetAsync(default), Is.EqualTo(new LogVolumes.Claims("managed-csi-premium", 16)));
        Assert.That(await disks.ShareKeyAsync(default), Is.Null);
    }

    [Test]
    public async Task The_key_is_read_by_post_and_masked()
    {
        using var arm = FakeArm.Of((AksSettings.Account + "/listKeys", """{"keys":[{"keyName":"key1","value":"first-storage-key"},{"keyName":"key2","value":"second-storage-key"}]}"""));
        var mask = new SecretMask();

        Assert.That(await new AzureLogVolumes(Session(arm), AksSettings.Provider(), mask).ShareKeyAsync(default), Is.EqualTo("first-storage-key"));
        Assert.That(mask.Mask("first-storage-key second-storage-key"), Is.EqualTo("*** ***"));
        Assert.That(arm.Requests.Single(), Does.StartWith("POST "));
    }

    [TestCase(null, ErrorCode.AzureRequestFailed)]
    [TestCase("""{"keys":[]}""", ErrorCode.AzureForbidden)]
    public async Task Without_a_key_it_says_why(string? answer, ErrorCode code)
    {
        using var arm = answer is null ? FakeArm.Of() : FakeArm.Of((AksSettings.Account, answer));

        var failure = await Assert.ThrowsAsync<BuildException>(() => new AzureLogVolumes(Session(arm), AksSettings.Provider(), new SecretMask()).ShareKeyAsync(default));

        Assert.That(failure!.Code, Is.EqualTo(code));
    }

    private static AcrAccess Registry(ScriptedProcessRunner runner, FakeArm arm, SecretMask mask, Func<BuildSettings, BuildSettings>? change = null)
    {
        var session = Session(arm);
        var exchange = new AcrTokenExchange(session, arm, new ArmTransport(() => arm), mask);
        return new(session, new AzCli(runner), exchange, AksSettings.Provider(change), mask, Substitute.For<IPullCredentials>());
    }

    private static IAzureSession Session(FakeArm arm)
    {
        var session = Substitute.For<IAzureSession>();
        var client = arm.Client();
        session.Arm.Returns(client);
        session.GetCloudAsync(default).ReturnsForAnyArgs(Task.FromResult(
            new AzureCloud(new Uri("https://arm.test/"), "https://arm.test/", new Uri("https://graph.test/"), "file.core.test", "azurecr.test")));
        return session;
    }
}
