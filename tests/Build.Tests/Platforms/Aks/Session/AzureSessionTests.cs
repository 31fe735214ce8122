using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Session;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Session;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AzureSessionTests : IDisposable
{
    private const string Audience = "https://management.core.windows.net/";

    private static readonly ScriptedCommand Account = Az("account", "show", "--subscription", AksSettings.Subscription) with
    {
        Output = """{"id":"22222222-2222-2222-2222-222222222222","name":"Pay","tenantId":"t","environmentName":"AzureCloud","user":{"name":"me@x","type":"user"}}""",
    };

    private static readonly ScriptedCommand NotLoggedIn = Account with { ExitCode = 1, Output = "", Error = "ERROR: Please run 'az login' to setup account.\n" };

    private static readonly ScriptedCommand Cloud = Az("cloud", "show") with
    {
        Output =
            """
            {"endpoints":{"resourceManager":"https://management.azure.com","activeDirectoryResourceId":"https://management.core.windows.net/",
             "microsoftGraphResourceId":"https://graph.microsoft.com"},"suffixes":{"storageEndpoint":"core.windows.net","acrLoginServerEndpoint":".azurecr.io"}}
            """,
    };

    private readonly JumpingClock _clock = new();
    private readonly RecordingConsole _console = new();
    private readonly FakeTokens _tokens;
    private readonly FakeArm _arm = FakeArm.Of();

    public AzureSessionTests() => _tokens = new FakeTokens(_clock);

    public void Dispose() => _arm.Dispose();

    [Test]
    public async Task Account_cloud_and_token_are_asked_for_once()
    {
        using var runner = new ScriptedProcessRunner(Cloud, Account);
        using var session = Session(runner);

        var account = await session.GetAccountAsync(default);
        var cloud = await session.GetCloudAsync(default);
        await session.GetTokenAsync(null, default);

        Assert.That(account, Is.EqualTo(new AzureAccount(AksSettings.Subscription, "Pay", "t", "me@x", "user", "AzureCloud")));
        Assert.That(cloud, Is.EqualTo(new AzureCloud(
            new Uri("https://management.azure.com/"), Audience, new Uri("https://graph.microsoft.com/"), "file.core.windows.net", "azurecr.io")));
        Assert.That(_tokens.Audiences, Is.EqualTo(new[] { Audience }));
    }

    [Test]
    public async Task A_cloud_that_the_files_do_not_know_costs_no_second_token()
    {
        using var runner = new ScriptedProcessRunner(Cloud, Account);
        using var session = Session(runner, ("AZURE_CLOUD_NAME", "unknown"));

        await session.GetTokenAsync(null, default);

        Assert.That(_tokens.Audiences, Is.EqualTo(new[] { Audience }));
    }

    [Test]
    public async Task A_token_for_the_wrong_audience_is_fetched_anew()
    {
        using var runner = new ScriptedProcessRunner(Cloud, Account);
        using var session = Session(runner, ("AZURE_CLOUD_NAME", "AzureChinaCloud"));

        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-2"));
        Assert.That(_tokens.Audiences, Is.EqualTo(new[] { "https://management.core.chinacloudapi.cn/", Audience }));
    }

    [Test]
    public async Task A_refused_token_is_replaced_once_for_all_who_ask()
    {
        using var runner = new ScriptedProcessRunner(Cloud, Account);
        using var session = Session(runner);
        var first = await session.GetTokenAsync(null, default);

        var tokens = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => session.GetTokenAsync(first, default)));

        Assert.That(tokens, Has.All.EqualTo("token-2"));
        Assert.That(_tokens.Audiences, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_token_in_its_last_minutes_is_used_only_when_it_was_just_fetched()
    {
        using var runner = new ScriptedProcessRunner(Cloud, Account);
        using var session = Session(runner);
        _tokens.Life = TimeSpan.FromMinutes(2);

        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-1"));
        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-1"));
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-2"));
    }

    [Test]
    public async Task A_service_principal_logs_in_with_its_secret_on_standard_input()
    {
        using var runner = new ScriptedProcessRunner(
            Cloud, NotLoggedIn,
            Az("login", "--service-principal", "--username", "app", "--tenant", "ten", "--password", "@-") with { StandardInput = "verysecret" },
            Account);
        using var session = Session(
            runner, ("AZURE_CLIENT_ID", "app"), ("AZURE_TENANT_ID", "ten"), ("AZURE_CLIENT_SECRET", "verysecret"));

        Assert.That((await session.GetAccountAsync(default)).SubscriptionName, Is.EqualTo("Pay"));
        Assert.That(runner.Requests[2].Secrets, Is.EqualTo(new[] { "verysecret" }));
        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-2")); // the first was asked for before the login
    }

    [Test]
    public async Task A_federated_token_is_read_by_az_from_its_file()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["token"], "jwt");
        using var runner = new ScriptedProcessRunner(
            Cloud, NotLoggedIn,
            Az("login", "--service-principal", "--username", "app", "--tenant", "ten", "--federated-token", "@" + directory["token"]),
            Account);
        using var session = Session(
            runner, ("AZURE_CLIENT_ID", "app"), ("AZURE_TENANT_ID", "ten"), ("AZURE_FEDERATED_TOKEN_FILE", directory["token"]));

        await session.GetAccountAsync(default);
    }

    [Test]
    public async Task A_managed_identity_is_named_as_new_and_as_old_versions_want_it()
    {
        using var runner = new ScriptedProcessRunner(
            Cloud, NotLoggedIn,
            Az("login", "--identity", "--client-id", "app") with { ExitCode = 2, Error = "unrecognized arguments: --client-id app" },
            Az("login", "--identity", "--username", "app"),
            Account);
        using var session = Session(runner, ("AZURE_CLIENT_ID", "app"), ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/"));

        await session.GetAccountAsync(default);
    }

    [Test]
    public async Task A_person_sees_the_code_and_not_the_subscriptions()
    {
        using var runner = new ScriptedProcessRunner(
            Cloud, NotLoggedIn,
            new ScriptedCommand("az", "login", "--use-device-code", "--output", "none")
            {
                Environment = new Dictionary<string, string?> { ["AZURE_CORE_LOGIN_EXPERIENCE_V2"] = "off" },
                Error = "To sign in, open https://microsoft.com/devicelogin and enter the code ABC.\n",
            },
            Account);
        using var session = Session(runner, canAsk: true, ("SSH_CONNECTION", "x"));

        await session.GetAccountAsync(default);

        Assert.That(_console.Text, Does.Contain("enter the code ABC"));
    }

    [Test]
    public async Task Without_a_terminal_and_an_identity_it_says_what_to_do()
    {
        using var runner = new ScriptedProcessRunner(Cloud, NotLoggedIn);
        using var session = Session(runner);

        var failure = await Assert.ThrowsAsync<BuildException>(() => session.GetAccountAsync(default));

        Assert.That(failure!.Message, Is.EqualTo(
            """
            AMB3001: az is not logged in, so subscription 22222222-2222-2222-2222-222222222222 cannot be used.
              cause:  there is no terminal to log in at, and the environment names no identity
              fix:    az login; in CI set AZURE_CLIENT_ID and AZURE_TENANT_ID with AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential on a machine that has an identity
            """));
    }

    [Test]
    public async Task A_subscription_that_the_login_does_not_have_is_named()
    {
        using var runner = new ScriptedProcessRunner(
            Cloud, Account with { ExitCode = 1, Output = "", Error = "ERROR: Subscription '2222' not found. Check the spelling and casing and try again.\n" });
        using var session = Session(runner);

        var failure = await Assert.ThrowsAsync<BuildException>(() => session.GetAccountAsync(default));

        Assert.That(failure!.Message, Does.StartWith("AMB3001: az does not know subscription 2222").And.Contains("az account list --refresh"));
    }

    [Test]
    public async Task A_login_that_is_over_is_made_again()
    {
        using var runner = new ScriptedProcessRunner(
            Cloud, Account,
            Az("login", "--service-principal", "--username", "app", "--tenant", "ten", "--password", "@-"));
        _tokens.FailNext(TokenFailure.Explain("AADSTS700082: The refresh token has expired due to inactivity."));
        using var session = Session(
            runner, ("AZURE_CLIENT_ID", "app"), ("AZURE_TENANT_ID", "ten"), ("AZURE_CLIENT_SECRET", "verysecret"));

        Assert.That(await session.GetTokenAsync(null, default), Is.EqualTo("token-2"));
    }

    [TestCase("Azure CLI not installed", ErrorCode.ToolMissing, "install the Azure CLI")]
    [TestCase("Azure CLI authentication timed out.", ErrorCode.ToolTimedOut, "by hand")]
    [TestCase("Please run 'az login' to set up account", ErrorCode.AzureLoginFailed, "az login")]
    [TestCase("AADSTS50076: you must use multi-factor authentication", ErrorCode.AzureLoginFailed, "in a browser")]
    [TestCase("AADSTS7000222: The provided client secret keys are expired", ErrorCode.AzureLoginFailed, "credential reset")]
    [TestCase("something else", ErrorCode.AzureLoginFailed, "az account get-access-token")]
    public void What_the_credential_says_becomes_an_error_with_a_cure(string message, ErrorCode code, string remedy)
    {
        var failure = TokenFailure.Explain(message);
        Assert.That((failure.Code, failure.Remedy), Is.EqualTo((code, failure.Remedy)));
        Assert.That(failure.Remedy, Does.Contain(remedy));
        Assert.That(failure.Message, Does.Contain(message));
    }

    private static ScriptedCommand Az(params string[] arguments) => new("az", [.. arguments, "--only-show-errors", "--output", "json"]);

    private AzureSession Session(ScriptedProcessRunner runner, params (string Name, string Value)[] environment) =>
        Session(runner, canAsk: false, environment);

    private AzureSession Session(ScriptedProcessRunner runner, bool canAsk, params (string Name, string Value)[] environment)
    {
        string? Read(string name) => name == "AZURE_CONFIG_DIR"
            ? "/no/such/directory"
            : environment.Where(pair => pair.Name == name).Select(pair => pair.Value).FirstOrDefault();
        var az = new AzCli(runner);
        var login = new AzureLogin(az, runner, new TerminalCapabilities(false, false, canAsk), _console, Read);
        return new AzureSession(
            az, login, _tokens, new AzureConfigurationFiles(Read), AksSettings.Provider(), new SecretMask(),
            new ArmTransport(() => _arm), new ArmTraffic(), _clock);
    }
}
