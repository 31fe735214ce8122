using System.Diagnostics;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Emulators.Azure.Faults;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Session;

/// <summary>The suite's login, with the real az and Azure.Identity's credential.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class LoginTests
{
    [Test]
    public async Task The_login_that_az_has_is_used_and_named()
    {
        await using var host = await AzHost.StartAsync();
        await using var suite = new SuiteSession(host);
        var session = suite.Get<IAzureSession>();

        var account = await session.GetAccountAsync(default);
        var cloud = await session.GetCloudAsync(default);

        var options = host.Emulator.Options;
        Assert.That(account, Is.EqualTo(new AzureAccount(
            options.SubscriptionId, options.SubscriptionName, options.TenantId, options.ClientId, "servicePrincipal", "emu")));
        Assert.That((cloud.ResourceManager, cloud.FileSuffix, cloud.RegistrySuffix), Is.EqualTo((host.Emulator.BaseUri, "file.core.emu.test", "azurecr.emu.test")));
        Assert.That(await session.Arm.GetAsync($"/subscriptions/{options.SubscriptionId}", "2021-04-01", default), Is.Not.Null);
        AssertThreeProcesses(host);
        Assert.That(suite.Commands, Has.Count.EqualTo(3), "the credential's own process is in the journal too");
    }

    [Test]
    public async Task A_service_principal_logs_in_and_its_secret_is_in_no_argument()
    {
        await using var host = await AzHost.StartAsync(loggedIn: false);
        await using var suite = new SuiteSession(host, environment: new Dictionary<string, string?>
        {
            ["AZURE_CLIENT_ID"] = host.Emulator.Options.ClientId,
            ["AZURE_TENANT_ID"] = host.Emulator.Options.TenantId,
            ["AZURE_CLIENT_SECRET"] = host.Emulator.Secrets.ClientSecret,
        });

        Assert.That((await suite.Get<IAzureSession>().GetAccountAsync(default)).UserName, Is.EqualTo(host.Emulator.Options.ClientId));

        Assert.That(host.Journal, Has.Some.Contains("login --service-principal").And.Contains("--password @-"));
        Assert.That(string.Join('\n', host.Journal), Does.Not.Contain(host.Emulator.Secrets.ClientSecret));
        Assert.That(string.Join('\n', suite.Commands), Does.Not.Contain(host.Emulator.Secrets.ClientSecret));
    }

    [Test]
    public async Task A_wrong_secret_is_told_in_azs_words_without_it()
    {
        await using var host = await AzHost.StartAsync(loggedIn: false);
        await using var suite = new SuiteSession(host, environment: new Dictionary<string, string?>
        {
            ["AZURE_CLIENT_ID"] = host.Emulator.Options.ClientId,
            ["AZURE_TENANT_ID"] = host.Emulator.Options.TenantId,
            ["AZURE_CLIENT_SECRET"] = "not-the-secret-at-all",
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => suite.Get<IAzureSession>().GetAccountAsync(default));

        TestContext.Out.WriteLine(failure!.Message);
        Assert.That(failure.Code, Is.EqualTo(ErrorCode.AzureLoginFailed));
        Assert.That(failure.Message, Does.Contain("AADSTS7000215").And.Not.Contains("not-the-secret-at-all"));
    }

    [Test]
    public async Task A_federated_token_logs_in()
    {
        const string Assertion = "federated-assertion-of-the-ci-system";
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions { FederatedToken = Assertion }, loggedIn: false);
        var file = Path.Combine(host.Directory, "assertion");
        await File.WriteAllTextAsync(file, Assertion);
        await using var suite = new SuiteSession(host, environment: new Dictionary<string, string?>
        {
            ["AZURE_CLIENT_ID"] = host.Emulator.Options.ClientId,
            ["AZURE_TENANT_ID"] = host.Emulator.Options.TenantId,
            ["AZURE_FEDERATED_TOKEN_FILE"] = file,
        });

        await suite.Get<IAzureSession>().GetAccountAsync(default);

        Assert.That(string.Join('\n', host.Journal), Does.Contain("--federated-token @" + file).And.Not.Contains(Assertion));
    }

    [Test]
    public async Task A_managed_identity_logs_in()
    {
        await using var host = await AzHost.StartAsync(loggedIn: false);
        await using var suite = new SuiteSession(host, environment: host.ManagedIdentity);

        var account = await suite.Get<IAzureSession>().GetAccountAsync(default);

        Assert.That((account.SubscriptionId, account.UserName), Is.EqualTo((host.Emulator.Options.SubscriptionId, "systemAssignedIdentity")));
    }

    [Test]
    public async Task Without_any_login_it_says_what_to_do()
    {
        await using var host = await AzHost.StartAsync(loggedIn: false);
        await using var suite = new SuiteSession(host);

        var failure = await Assert.ThrowsAsync<BuildException>(() => suite.Get<IAzureSession>().GetAccountAsync(default));

        TestContext.Out.WriteLine(failure!.Message);
        Assert.That((failure.Code, failure.What.StartsWith("az is not logged in", StringComparison.Ordinal)), Is.EqualTo((ErrorCode.AzureLoginFailed, true)));
    }

    [Test]
    public async Task A_subscription_that_the_login_does_not_have_is_named()
    {
        await using var host = await AzHost.StartAsync();
        await using var suite = new SuiteSession(
            host, settings => settings with { Azure = settings.Azure! with { Subscription = "99999999-9999-9999-9999-999999999999" } });

        var failure = await Assert.ThrowsAsync<BuildException>(() => suite.Get<IAzureSession>().GetAccountAsync(default));

        TestContext.Out.WriteLine(failure!.Message);
        Assert.That(failure.What, Is.EqualTo("az does not know subscription 99999999-9999-9999-9999-999999999999."));
    }

    [Test]
    public async Task Azures_troubles_are_waited_out()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions { PageSize = 1 });
        host.Emulator.State.AddGroup("hello-group");
        host.Emulator.State.AddStorageAccount("hello-group", "hellostorage");
        host.Emulator.State.AddRegistry("hello-group", "helloregistry");
        await using var suite = new SuiteSession(host);
        var arm = suite.Get<IAzureSession>().Arm;
        var path = $"/subscriptions/{host.Emulator.Options.SubscriptionId}/resourceGroups/hello-group/resources";
        var faults = host.Emulator.Faults;
        faults.Throttle(RequestMatch.Get(path), TimeSpan.FromMilliseconds(100));
        faults.ServerError(RequestMatch.Get(path), status: 503);
        faults.InProgress(RequestMatch.Get(path));
        faults.Drop(RequestMatch.Get(path));

        var resources = await arm.ListAsync(path, "2021-04-01", null, default);

        Assert.That(resources.Select(resource => resource.Text("name")), Is.EquivalentTo(new[] { "hellostorage", "helloregistry" }));
        Assert.That(suite.Get<ArmTraffic>().Requests, Is.EqualTo(6), "two pages and four repetitions");
    }

    [Test]
    public async Task A_token_that_is_refused_once_is_renewed()
    {
        await using var host = await AzHost.StartAsync();
        await using var suite = new SuiteSession(host);
        host.Emulator.Faults.ExpireToken(RequestMatch.Get("/subscriptions/*"));

        Assert.That(
            await suite.Get<IAzureSession>().Arm.GetAsync($"/subscriptions/{host.Emulator.Options.SubscriptionId}", "2021-04-01", default), Is.Not.Null);
        Assert.That(host.Journal.Count(line => line.Contains("get-access-token", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task A_cancelled_login_leaves_no_az_behind()
    {
        await using var host = await AzHost.StartAsync();
        host.Emulator.Faults.Slow(new RequestMatch("*", "/adfs/*"), TimeSpan.FromMinutes(10), times: int.MaxValue);
        await using var suite = new SuiteSession(host);
        using var cancellation = new CancellationTokenSource();
        var opening = suite.Get<IAzureSession>().GetAccountAsync(cancellation.Token);
        await AwaitAsync(() => LivingAz(host, "get-access-token"), "az asks for a token");

        await cancellation.CancelAsync();

        await Assert.ThatAsync(() => opening, Throws.InstanceOf<OperationCanceledException>());
        await AwaitAsync(() => !LivingAz(host, ""), "no az lives on");
    }

    /// <summary>By the config directory in its environment: others on this machine run az too.</summary>
    private static bool LivingAz(AzHost host, string words) => Directory.EnumerateDirectories("/proc")
        .Where(directory => int.TryParse(Path.GetFileName(directory), out _))
        .Any(directory =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(directory, "environ")).Contains(host.ConfigDirectory, StringComparison.Ordinal)
                    && File.ReadAllText(Path.Combine(directory, "cmdline")).Contains(words, StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        });

    private static async Task AwaitAsync(Func<bool> condition, string what)
    {
        var deadline = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(deadline.Elapsed, Is.LessThan(TimeSpan.FromSeconds(90)), what);
            await Task.Delay(20);
        }
    }

    internal static void AssertThreeProcesses(AzHost host) => Assert.That(
        host.Journal.Select(line => string.Join(' ', line.Split(' ').Take(2))).Order(),
        Is.EqualTo(new[] { "account get-access-token", "account show", "cloud show" }));
}
