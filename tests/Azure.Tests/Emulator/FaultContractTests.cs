using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Emulators.Azure.Faults;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>How the real <c>az</c> takes the faults that tests inject.</summary>
[Parallelizable]
[Platform("Linux")]
public sealed class FaultContractTests
{
    [Test]
    public async Task Passing_faults_are_retried_and_lasting_ones_reported()
    {
        await using var host = await AzHost.StartAsync();
        var (state, faults) = (host.Emulator.State, host.Emulator.Faults);
        state.AddGroup("rg1");

        var throttle = faults.Throttle(RequestMatch.Get("/resourceGroups/rg1"), TimeSpan.FromSeconds(1));
        var drop = faults.Drop(RequestMatch.Get("/resourceGroups/rg1"));
        await host.RunAsync("group", "show", "-n", "rg1");
        Assert.That((throttle.Hits, drop.Hits), Is.EqualTo((1, 1)));

        faults.RefuseByPolicy(RequestMatch.Put("/storageAccounts/"));
        await host.FailAsync("RequestDisallowedByPolicy", "storage", "account", "create", "-n", "emuacct1", "-g", "rg1", "-l", "westeurope");

        faults.EndInFailed(RequestMatch.Put("/registries/"), "RegistryFailed", "Told to fail.");
        await host.FailAsync("RegistryFailed", "acr", "create", "-n", "emuacr1", "-g", "rg1", "--sku", "Basic");
        Assert.That(state.Registry("emuacr1")!.ProvisioningState, Is.EqualTo("Failed"));
        Assert.That(host.Escapes, Is.Empty);
    }

    [Test]
    public async Task What_tries_to_leave_this_machine_is_stopped_and_noted()
    {
        var host = await AzHost.StartAsync();
        var result = await host.TryAsync("rest", "-m", "get", "-u", "https://management.azure.example/", "--skip-authorization-header");
        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(host.Escapes, Has.Some.StartsWith("CONNECT management.azure.example:443"));

        // The host itself fails a test in which that happens.
        await Assert.ThrowsAsync<AssertionException>(async () => await host.DisposeAsync());
    }
}
