using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>The ways in which nodes get into the registry, with the real az.</summary>
[Platform("Linux")]
public sealed class AccessTests
{
    [Test]
    public async Task A_token_reads_our_repository_alone_and_its_password_is_seen_nowhere()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "token" } };

        var run = await deployment.ProvisionAsync();
        var login = (await run.Pull.GetAsync(default))!;

        var registry = deployment.Emulator.State.Registry("helloregistry")!;
        var scope = registry.ScopeMaps.Values.Single();
        Assert.Multiple(() =>
        {
            Assert.That(scope.Actions, Is.EquivalentTo(["repositories/hello/content/read", "repositories/hello/metadata/read"]));
            Assert.That((login.User, login.Password), Is.EqualTo(("hello-pull", registry.Tokens["hello-pull"].Passwords["password1"])));
            Assert.That(login.Server, Is.EqualTo(registry.LoginServer));
            Assert.That(deployment.Mask.Mask($"<{login.Password}>"), Is.EqualTo("<***>"));
            Assert.That(string.Join('\n', deployment.Host.Journal) + run.Console.Text, Does.Not.Contain(login.Password));
            Assert.That(deployment.Emulator.State.RoleAssignments, Is.Empty.Or.None.Property("Scope").EqualTo(registry.Id));
        });
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);

        await deployment.Begin("Clean").CleanAsync(Build.Platforms.CleanScope.Auth);

        Assert.That((registry.Tokens.Count, registry.ScopeMaps.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_service_principal_is_made_by_application_id_and_removed_with_auth()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "servicePrincipal" } };
        var others = deployment.Emulator.State.Applications.Count;

        var run = await deployment.ProvisionAsync();
        var login = (await run.Pull.GetAsync(default))!;

        var state = deployment.Emulator.State;
        var application = state.Applications.Single(each => each.DisplayName == "hello-pull");
        var principal = state.ServicePrincipals.Single(each => each.AppId == application.AppId);
        Assert.Multiple(() =>
        {
            Assert.That(login.User, Is.EqualTo(application.AppId));
            Assert.That(state.RoleAssignments.Single(each => each.PrincipalId == principal.Id).Scope, Is.EqualTo(state.Registry("helloregistry")!.Id).IgnoreCase);
            Assert.That(string.Join('\n', deployment.Host.Journal), Does.Not.Contain(login.Password));
        });
        Assert.That(await deployment.Begin().ChangesAsync(), Is.Empty);

        await deployment.Begin("Clean").CleanAsync(Build.Platforms.CleanScope.Auth);

        Assert.That(state.Applications, Has.Count.EqualTo(others));
        Assert.That(state.RoleAssignments.Where(each => each.PrincipalId == principal.Id), Is.Empty);
    }
}
