using Ambrosia.Build.Platforms.Aks.Session;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Session;

public sealed class LoginMethodTests
{
    [Test]
    public void A_secret_in_the_environment_is_taken_before_anything_else() =>
        Assert.That(
            Choose(canAsk: true, "AZURE_CLIENT_ID=a", "AZURE_TENANT_ID=t", "AZURE_CLIENT_SECRET=s", "AZURE_FEDERATED_TOKEN_FILE=/f"),
            Is.EqualTo(new LoginMethod.ServicePrincipal("a", "t", "s")));

    [Test]
    public void A_federated_token_is_named_by_its_file() =>
        Assert.That(
            Choose(canAsk: false, "AZURE_CLIENT_ID=a", "AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=/f"),
            Is.EqualTo(new LoginMethod.Federated("a", "t", "/f")));

    [TestCase("IDENTITY_ENDPOINT=http://127.0.0.1/")]
    [TestCase("MSI_ENDPOINT=http://127.0.0.1/")]
    [TestCase("AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential")]
    public void A_managed_identity_is_taken_where_the_host_offers_it_or_it_is_asked_for(string variable)
    {
        Assert.That(Choose(canAsk: false, variable), Is.EqualTo(new LoginMethod.ManagedIdentity(null)));
        Assert.That(Choose(canAsk: false, variable, "AZURE_CLIENT_ID=a"), Is.EqualTo(new LoginMethod.ManagedIdentity("a")));
    }

    [Test]
    public void A_person_gets_a_browser_or_a_code()
    {
        Assert.That(Choose(canAsk: true), Is.EqualTo(new LoginMethod.Browser()));
        Assert.That(LoginMethod.Choose(_ => null, canAsk: true, hasBrowser: false), Is.EqualTo(new LoginMethod.DeviceCode()));
    }

    [TestCase("", null)]
    [TestCase("AZURE_CLIENT_ID=a", "AZURE_TENANT_ID, AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE")]
    [TestCase("AZURE_CLIENT_SECRET=s", "AZURE_CLIENT_ID, AZURE_TENANT_ID")]
    public void Where_nothing_is_given_it_says_what_is_missing(string variable, string? missing) =>
        Assert.That(Choose(canAsk: false, variable), Is.EqualTo(new LoginMethod.None(missing)));

    [Test]
    public void A_secret_is_not_printed_with_its_method() =>
        Assert.That(new LoginMethod.ServicePrincipal("a", "t", "verysecret").ToString(), Does.Not.Contain("verysecret"));

    [TestCase(true, false, "", true)]
    [TestCase(false, true, "", true)]
    [TestCase(false, false, "", false)]
    [TestCase(false, false, "DISPLAY=:0", true)]
    [TestCase(false, false, "WAYLAND_DISPLAY=wayland-0", true)]
    [TestCase(false, true, "SSH_CONNECTION=1.2.3.4", false)]
    public void A_browser_needs_a_screen(bool isWindows, bool isMacOS, string variable, bool expected) =>
        Assert.That(LoginMethod.HasBrowser(Environment(variable), isWindows, isMacOS), Is.EqualTo(expected));

    private static LoginMethod Choose(bool canAsk, params string[] variables) => LoginMethod.Choose(Environment(variables), canAsk, hasBrowser: true);

    private static Func<string, string?> Environment(params string[] variables) => name =>
        variables.Select(variable => variable.Split('=', 2)).FirstOrDefault(pair => pair[0] == name)?[1];
}
