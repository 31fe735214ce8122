using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tests.Cli;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Access;

public sealed class ServicePrincipalsTests
{
    private static readonly string[] Ending = ["--only-show-errors", "--output", "json"];

    private static readonly ScriptedCommand Search = new("az", ["ad", "app", "list", "--display-name", "hello-pull", .. Ending]) { Output = "[]" };

    [Test]
    public async Task With_az_set_to_another_directory_it_refuses_before_it_asks_there()
    {
        using var runner = new ScriptedProcessRunner(Accounts("tenant-of-somebody"));

        var error = (await Assert.ThrowsAsync<BuildException>(() => Principals(runner).EnsureAsync(new AzureNames(AksSettings.Load), default)))!;

        Assert.That(error.Message, Does.StartWith("AMB3001").And.Contain("tenant-of-somebody").And.Contain($"az account set --subscription {AksSettings.Subscription}"));
    }

    [Test]
    public async Task In_the_right_directory_it_asks_there_and_looks_which_it_is_once()
    {
        using var runner = new ScriptedProcessRunner(Accounts("tenant-of-ours"), Search, Search);
        var principals = Principals(runner);

        Assert.That(await principals.FindAsync(new AzureNames(AksSettings.Load), default), Is.Null);
        Assert.That(await principals.FindAsync(new AzureNames(AksSettings.Load), default), Is.Null);
    }

    [Test]
    public async Task An_application_is_made_in_one_request_with_its_mark_and_no_quote_is_an_argument()
    {
        using var runner = new ScriptedProcessRunner(
            Accounts("tenant-of-ours"), Search, Search,
            new ScriptedCommand("az", ["cloud", "show", "--query", "endpoints.microsoftGraphResourceId", .. Ending]) { Output = "\"https://graph.test/\"" },
            new ScriptedCommand(
                "az", ["rest", "--method", "post", "--url", "https://graph.test/v1.0/applications", "--resource", "https://graph.test/", "--body", "@-", .. Ending])
            {
                StandardInput = "{\"displayName\":\"hello-pull\",\"signInAudience\":\"AzureADMyOrg\",\"tags\":[\"ambrosia-deployment=hello\","
                    + $"\"ambrosia-group={AksSettings.Subscription}/hello-group\"]}}",
                Output = """{"appId":"app-1"}""",
            },
            new ScriptedCommand("az", ["ad", "sp", "create", "--id", "app-1", .. Ending]) { Output = """{"id":"object-1"}""" });

        Assert.That(
            await Principals(runner).EnsureAsync(new AzureNames(AksSettings.Load), default), Is.EqualTo(new PullPrincipal("app-1", "object-1")));
    }

    [TestCase("abc", 31, "abcdef", true)]
    [TestCase("abc", 29, "abcdef", false)]
    [TestCase("abc", null, "abcdef", true)]
    [TestCase("xyz", 300, "abcdef", false)]
    [TestCase(null, 300, "abcdef", true)]
    public void A_password_lasts_when_it_is_one_that_was_given_and_has_a_month_to_go(string? hint, int? days, string password, bool lasts)
    {
        var now = DateTimeOffset.UnixEpoch;

        Assert.That(PullPassword.Lasts(password, [new PullPassword(hint, days is { } some ? now.AddDays(some) : null)], now), Is.EqualTo(lasts));
        Assert.That(PullPassword.Lasts(password, [], now), Is.False);
    }

    private static ScriptedCommand Accounts(string current) => new("az", ["account", "list", "--all", .. Ending])
    {
        Output = "[{\"id\":\"other\",\"tenantId\":\"" + current + "\",\"isDefault\":true},"
            + "{\"id\":\"" + AksSettings.Subscription + "\",\"tenantId\":\"tenant-of-ours\",\"isDefault\":false}]",
    };

    private static ServicePrincipals Principals(ScriptedProcessRunner runner)
    {
        var az = new AzCli(runner);
        // No resource of Resource Manager is waited for here.
        var writer = new AzureWriter(az, null!, Substitute.For<IBuildConsole>(), new SecretMask(), TimeProvider.System, AzureTimings.Default);
        return new ServicePrincipals(az, writer, _ => null);
    }
}
