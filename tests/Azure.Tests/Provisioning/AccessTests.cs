using Ambrosia.Build.Platforms.Contracts;
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

    [Test]
    public async Task Interrupted_after_each_mutation_the_making_of_a_service_principal_is_continued()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "servicePrincipal" } };
        var others = deployment.Emulator.State.Applications.Count;
        var runs = 0;
        while ((await deployment.Begin().ChangesAsync()).Any())
        {
            Assert.That(++runs, Is.LessThanOrEqualTo(4));
            using var interrupt = new CancellationTokenSource();
            deployment.Emulator.OnMutation(async _ => await interrupt.CancelAsync());
            try
            {
                await deployment.ProvisionAsync(interrupt.Token);
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }

            deployment.Emulator.ClearHooks();
        }

        Assert.That(runs, Is.GreaterThanOrEqualTo(2));
        var application = deployment.Emulator.State.Applications.Single(each => each.DisplayName == "hello-pull");
        Assert.That(application.Tags, Does.Contain("ambrosia-deployment=hello"));
        Assert.That(deployment.Emulator.State.Applications, Has.Count.EqualTo(others + 1));
        Assert.That(deployment.Host.Journal, Has.None.Contains("ambrosia-deployment=hello\""), "no quotes in an argument: az.cmd would not let them through");
    }

    [Test]
    public async Task A_pull_password_is_kept_while_it_is_good_and_made_anew_when_it_is_not()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        await deployment.StartKubernetesAsync();
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "token" } };
        var registry = deployment.Emulator.State.Registry("helloregistry")!;
        await deployment.ProvisionAsync();
        var first = await DeployAsync(deployment);
        Assert.That(await DeployAsync(deployment), Is.EqualTo(first), "nothing has happened to it");

        // Somebody takes the token away, and it is made anew, without a password.
        registry.Tokens.Clear();
        await deployment.ProvisionAsync();
        var second = await DeployAsync(deployment);
        Assert.That(second, Is.Not.EqualTo(first));

        // A run ends between the new password and the Secret.
        await (await ApprovedAsync(deployment)).Pull.GetAsync(default);
        var third = await DeployAsync(deployment);
        Assert.That(third, Is.Not.EqualTo(second));
        Assert.That(third.Password, Is.EqualTo(registry.Tokens["hello-pull"].Passwords["password1"]));
        Assert.That(await DeployAsync(deployment), Is.EqualTo(third));
    }

    [Test]
    public async Task The_password_of_a_service_principal_is_renewed_before_it_ends()
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        await deployment.StartKubernetesAsync();
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "token" } };
        await deployment.ProvisionAsync();
        var token = await DeployAsync(deployment);
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = "servicePrincipal" } };
        await deployment.ProvisionAsync();

        var first = await DeployAsync(deployment);
        var application = deployment.Emulator.State.Applications.Single(each => each.DisplayName == "hello-pull");
        Assert.That((token.User, first.User), Is.EqualTo(("hello-pull", application.AppId)), "not the token's user");
        Assert.That(await DeployAsync(deployment), Is.EqualTo(first));

        var soon = DateTimeOffset.UtcNow.AddDays(29).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var reset = await deployment.Host.JsonAsync("ad", "app", "credential", "reset", "--id", application.AppId, "--end-date", soon);
        var ending = first with { Password = (string)reset["password"]! };
        await deployment.Begin("Deploy").DeployAsync(ending);

        Assert.That((await DeployAsync(deployment)).Password, Is.Not.EqualTo(ending.Password));
    }

    private static async Task<Deployment.Run> ApprovedAsync(Deployment deployment)
    {
        var run = deployment.Begin("Deploy");
        await run.Gate.ApproveAsync(default);
        return run;
    }

    /// <summary>What the nodes pull with after a run of Deploy.</summary>
    private static async Task<RegistryLogin> DeployAsync(Deployment deployment)
    {
        var run = await ApprovedAsync(deployment);
        await run.DeployAsync();
        return (await run.Logins.PullLoginAsync(default))!;
    }
}
