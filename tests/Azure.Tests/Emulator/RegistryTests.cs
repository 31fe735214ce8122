using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>The real <c>az acr</c> accepts what the emulator answers.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class RegistryTests
{
    [Test]
    public async Task A_registry_lives_from_create_to_delete()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions
        {
            Durations = new OperationDurations { RegistryCreate = TimeSpan.FromMilliseconds(100) },
        });
        var state = host.Emulator.State;
        state.AddGroup("rg1");
        string[] registry = ["-n", "emuacr1", "-g", "rg1", "--subscription", host.Emulator.Options.SubscriptionId];

        var created = await host.JsonAsync(
            ["acr", "create", .. registry, "-l", "westeurope", "--sku", "Basic", "--admin-enabled", "false", "--tags", "ambrosia-deployment=perftest"]);
        Assert.That((string?)created["provisioningState"], Is.EqualTo("Succeeded"));
        Assert.That((string?)created["loginServer"], Is.EqualTo(host.Emulator.BaseUri.Authority));
        await host.RunAsync(["acr", "update", .. registry, "--sku", "Standard", "--tags", "a=1"]);
        var stored = state.Registry("emuacr1")!;
        Assert.Multiple(() =>
        {
            Assert.That(stored.Sku, Is.EqualTo("Standard"));
            Assert.That(stored.AdminUserEnabled, Is.False);
            Assert.That(stored.Tags, Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "1" }));
        });

        var login = await host.JsonAsync(["acr", "login", "-n", "emuacr1", "--expose-token", "--subscription", host.Emulator.Options.SubscriptionId]);
        Assert.That(
            host.Emulator.Secrets.Issued.Where(secret => secret.Kind == SecretKind.RegistryRefreshToken).Select(secret => secret.Value),
            Does.Contain((string?)login["accessToken"]));

        string[] inRegistry = ["-r", "emuacr1", "-g", "rg1", "--subscription", host.Emulator.Options.SubscriptionId];
        await host.RunAsync(["acr", "scope-map", "create", "-n", "pull", .. inRegistry, "--repository", "perftest", "content/read", "metadata/read"]);
        var token = await host.JsonAsync(["acr", "token", "create", "-n", "nodes", .. inRegistry, "--scope-map", "pull"]);
        var password = (string?)token["credentials"]?["passwords"]?[0]?["value"];
        Assert.That(stored.Tokens["nodes"].Passwords.Values, Does.Contain(password));
        var renewed = await host.JsonAsync(["acr", "token", "credential", "generate", "-n", "nodes", .. inRegistry, "--password1"]);
        Assert.That((string?)renewed["passwords"]?[0]?["value"], Is.EqualTo(stored.Tokens["nodes"].Passwords["password1"]).And.Not.EqualTo(password));
        await host.RunAsync(["acr", "token", "update", "-n", "nodes", .. inRegistry, "--status", "disabled"]);
        Assert.That(stored.Tokens["nodes"].Status, Is.EqualTo("disabled"));
        await host.RunAsync(["acr", "token", "create", "-n", "other", .. inRegistry, "--repository", "perftest", "content/read", "--no-passwords", "true"]);
        Assert.That(stored.ScopeMaps["other-scope-map"].Actions, Is.EqualTo(new[] { "repositories/perftest/content/read" }));
        await host.RunAsync(["acr", "token", "delete", "-n", "nodes", .. inRegistry, "--yes"]);
        stored.Tokens.Remove("other");
        stored.ScopeMaps.Remove("other-scope-map");
        await host.RunAsync(["acr", "scope-map", "delete", "-n", "pull", .. inRegistry, "--yes"]);
        Assert.That(stored.Tokens, Is.Empty);
        Assert.That(stored.ScopeMaps, Is.Empty);

        await host.RunAsync(["acr", "delete", .. registry, "--yes"]);
        Assert.That(state.Registries, Is.Empty);
    }
}
