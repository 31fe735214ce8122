using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>The real <c>az</c> logs in at the emulator and accepts what it answers about roles and directory objects.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class IdentityTests
{
    private const string FederatedToken = "federated-assertion-of-the-ci-system";

    [Test]
    public async Task A_service_principal_logs_in_with_its_secret_alone()
    {
        await using var host = await AzHost.StartAsync(loggedIn: false);
        var options = host.Emulator.Options;
        await host.FailAsync("az login", "account", "show");
        await host.FailAsync("AADSTS7000215", "login", "--service-principal", "-u", options.ClientId, "-p", "wrong", "--tenant", options.TenantId);
        var login = await host.TryAsync(
            ["login", "--service-principal", "--username", options.ClientId, "--tenant", options.TenantId, "--password", "@-"],
            new Dictionary<string, string?>(), host.Emulator.Secrets.ClientSecret);
        Assert.That(login.ExitCode, Is.Zero, login.ToString());
        var account = await host.JsonAsync("account", "show", "--subscription", options.SubscriptionId);
        Assert.That((string?)account["id"], Is.EqualTo(options.SubscriptionId));
        Assert.That((string?)account["user"]!["name"], Is.EqualTo(options.ClientId));
    }

    [Test]
    public async Task A_federated_token_and_a_managed_identity_log_in_too()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions { FederatedToken = FederatedToken }, loggedIn: false);
        var options = host.Emulator.Options;
        var file = Path.Combine(host.Directory, "assertion");
        await File.WriteAllTextAsync(file, FederatedToken);
        await host.RunAsync("login", "--service-principal", "-u", options.ClientId, "--federated-token", "@" + file, "--tenant", options.TenantId);
        await host.RunAsync("group", "list");
        await host.RunAsync("account", "clear");

        var login = await host.TryAsync(["login", "--identity"], host.ManagedIdentity);
        Assert.That(login.ExitCode, Is.Zero, login.ToString());
        Assert.That((string?)login.Json[0]!["id"], Is.EqualTo(options.SubscriptionId));
        var groups = await host.TryAsync(["group", "list"], host.ManagedIdentity);
        Assert.That(groups.ExitCode, Is.Zero, groups.ToString());
    }

    [Test]
    public async Task A_prepared_config_directory_is_logged_in()
    {
        await using var host = await AzHost.StartAsync();
        var account = await host.JsonAsync("account", "show");
        Assert.That((string?)account["environmentName"], Is.EqualTo("emu"));
        var cloud = await host.JsonAsync("cloud", "show");
        Assert.That((string?)cloud["endpoints"]!["resourceManager"], Is.EqualTo(host.Emulator.BaseUri.AbsoluteUri));
        var token = await host.JsonAsync("account", "get-access-token", "--subscription", host.Emulator.Options.SubscriptionId);
        Assert.That(host.Emulator.Secrets.Values, Does.Contain((string?)token["accessToken"]));
        Assert.That(host.Emulator.Requests.CountOf("POST", "/adfs/oauth2/token"), Is.EqualTo(1), "a login");
        await host.RunAsync("group", "list");
        Assert.That(host.Emulator.Requests.CountOf("POST", "/adfs/oauth2/token"), Is.EqualTo(1), "the token is kept");
        Assert.That((string?)token["tenant"], Is.EqualTo(host.Emulator.Options.TenantId));
    }

    [Test]
    public async Task Role_assignments_live_from_create_to_delete()
    {
        await using var host = await AzHost.StartAsync();
        var state = host.Emulator.State;
        state.AddGroup("rg1");
        var registry = state.AddRegistry("rg1", "emuacr1");
        var kubelet = state.AddCluster("rg1", "aks1").KubeletObjectId;

        string[] subscription = ["--subscription", host.Emulator.Options.SubscriptionId];
        await host.RunAsync(["role", "assignment", "create", "--assignee-object-id", kubelet, "--assignee-principal-type", "ServicePrincipal",
            "--role", "AcrPull", "--scope", registry.Id, .. subscription]);
        var assignment = state.RoleAssignments.Single();
        Assert.Multiple(() =>
        {
            Assert.That(assignment.Role.Name, Is.EqualTo("AcrPull"));
            Assert.That(assignment.PrincipalId, Is.EqualTo(kubelet));
            Assert.That(assignment.Scope, Is.EqualTo(registry.Id));
        });
        var listed = await host.JsonAsync(["role", "assignment", "list", "--scope", registry.Id, .. subscription]);
        Assert.That((string?)listed[0]!["roleDefinitionName"], Is.EqualTo("AcrPull"));
        await host.RunAsync(["role", "assignment", "delete", "--ids", assignment.Id, .. subscription]);
        Assert.That(state.RoleAssignments, Is.Empty);

        state.Deny("Microsoft.Authorization/roleAssignments/write");
        await host.FailAsync("AuthorizationFailed", ["role", "assignment", "create", "--assignee-object-id", kubelet, "--assignee-principal-type", "ServicePrincipal",
            "--role", "AcrPull", "--scope", registry.Id, .. subscription]);
    }

    [Test]
    public async Task Applications_and_service_principals_live_from_create_to_delete()
    {
        await using var host = await AzHost.StartAsync();
        var state = host.Emulator.State;
        var application = await host.JsonAsync("ad", "app", "create", "--display-name", "ambrosia-perftest");
        var appId = (string)application["appId"]!;
        var principal = await host.JsonAsync("ad", "sp", "create", "--id", appId);
        Assert.That(state.ServicePrincipals.Select(known => known.Id), Does.Contain((string?)principal["id"]));
        var credential = await host.JsonAsync("ad", "sp", "credential", "reset", "--id", appId);
        Assert.That(host.Emulator.Secrets.Values, Does.Contain((string?)credential["password"]));
        await host.RunAsync("ad", "app", "update", "--id", appId, "--set", "tags=[\"ambrosia-deployment=perftest\"]");
        Assert.That(state.Applications[0].Tags, Is.EqualTo(new[] { "ambrosia-deployment=perftest" }));
        var reset = await host.JsonAsync("ad", "app", "credential", "reset", "--id", appId, "--display-name", "ambrosia");
        Assert.That(state.Applications[0].Passwords.Values, Is.EqualTo(new[] { (string?)reset["password"] }));
        Assert.That((await host.JsonAsync("ad", "sp", "list", "--filter", $"appId eq '{appId}'")).AsArray(), Has.Count.EqualTo(1));
        Assert.That((await host.JsonAsync("ad", "sp", "list", "--display-name", "ambrosia-perftest")).AsArray(), Has.Count.EqualTo(1));
        Assert.That((string?)(await host.JsonAsync("ad", "sp", "show", "--id", appId))["appId"], Is.EqualTo(appId));
        Assert.That((await host.JsonAsync("ad", "app", "list", "--display-name", "ambrosia-perftest")).AsArray(), Has.Count.EqualTo(1));
        await host.RunAsync("ad", "sp", "delete", "--id", appId);
        await host.RunAsync("ad", "app", "delete", "--id", appId);
        Assert.That(state.Applications, Is.Empty);
        Assert.That(state.ServicePrincipals, Has.Count.EqualTo(1), "the one from the start");
    }
}
