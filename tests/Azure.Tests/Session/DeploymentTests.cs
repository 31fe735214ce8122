using System.Diagnostics;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Session;

/// <summary>What the suite reads of a deployment, and how it gets in, with the real az.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class DeploymentTests
{
    private static readonly Dictionary<string, string> Tags = new() { ["ambrosia-deployment"] = "hello" };

    [Test]
    public async Task A_run_with_nothing_to_do_costs_three_az_processes()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        await using (var first = new SuiteSession(host))
            await RunAsync(first);
        var before = host.Journal.Count;
        await using var second = new SuiteSession(host);
        var watch = Stopwatch.StartNew();

        await RunAsync(second);

        var again = host.Journal.Skip(before).ToList();
        TestContext.Out.WriteLine($"{again.Count} az processes, {second.Get<ArmTraffic>().Requests} requests, {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.That(again.Select(line => string.Join(' ', line.Split(' ').Take(2))).Order(), Is.EqualTo(new[] { "account get-access-token", "account show", "cloud show" }));
        Assert.That(host.Journal.Take(before).Select(line => string.Join(' ', line.Split(' ').Take(2))), Has.Some.EqualTo("version --only-show-errors").And.Some.EqualTo("aks get-credentials"));

        static async Task RunAsync(SuiteSession suite)
        {
            foreach (var line in await suite.Get<AksConfiguration>().CheckAsync(default))
                TestContext.Out.WriteLine(line);
            await suite.Get<IAzureObserver>().ObserveAsync(default);
            await suite.Get<AksClusterAccess>().GetAsync(default);
        }
    }

    [Test]
    public async Task Everything_that_exists_is_observed()
    {
        await using var host = await AzHost.StartAsync(new AzureEmulatorOptions { PageSize = 1 });
        Plant(host);
        var state = host.Emulator.State;
        var registry = state.Registry("helloregistry")!;
        var kubelet = state.Cluster("hello-cluster")!.KubeletObjectId;
        state.AddRoleAssignment(registry.Id, kubelet, "AcrPull");
        await using var suite = new SuiteSession(host);

        var observed = await suite.Get<IAzureObserver>().ObserveAsync(default);

        Assert.That(observed.Group!.IsOf("hello"), Is.True);
        Assert.That((observed.Storage!.Sku, observed.Storage.Resource.ProvisioningState), Is.EqualTo(("Standard_LRS", "Succeeded")));
        Assert.That(observed.Share! with { ETag = null }, Is.EqualTo(new ObservedShare("ambrosia-logs-smbshare", 80)));
        Assert.That((observed.Registry!.Sku, observed.Registry.LoginServer), Is.EqualTo(("Standard", registry.LoginServer)));
        Assert.That(observed.Cluster!.KubeletObjectId, Is.EqualTo(kubelet));
        Assert.That(observed.Cluster.NodePools.Select(pool => (pool.VmSize, pool.Count, pool.Mode)), Is.EqualTo(new[] { ("Standard_D2s_v5", 2, "System") }));
        Assert.That(observed.RoleAssignments.Select(role => (role.PrincipalId, role.RoleName, role.Scope)), Is.EqualTo(new[] { (kubelet, PermissionCheck.AcrPull, registry.Id) }));
        Assert.That(observed.Resources.Select(resource => resource.Name), Is.SupersetOf(new[] { "hellostorage", "helloregistry", "hello-cluster" }));
        Assert.That(observed.Resources.Where(resource => resource.Name.StartsWith("hello", StringComparison.Ordinal)).All(resource => resource.IsOf("hello")), Is.True);
    }

    [Test]
    public async Task Nothing_is_observed_in_an_empty_subscription()
    {
        await using var host = await AzHost.StartAsync();
        await using var suite = new SuiteSession(host);

        var observed = await suite.Get<IAzureObserver>().ObserveAsync(default);

        Assert.That((observed.Group, observed.Storage, observed.Share, observed.Registry, observed.Cluster), Is.EqualTo(
            ((ObservedResource?)null, (ObservedStorage?)null, (ObservedShare?)null, (ObservedRegistry?)null, (ObservedCluster?)null)));
        Assert.That(observed.Resources, Is.Empty);
    }

    [Test]
    public async Task The_shares_key_is_read_and_masked()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        await using var suite = new SuiteSession(host);
        var volumes = suite.Get<AzureLogVolumes>();

        var key = await volumes.ShareKeyAsync(default);

        Assert.That(host.Emulator.Secrets.Values, Does.Contain(key));
        Assert.That(suite.Get<ISecretMask>().Mask($"key={key}"), Is.EqualTo("key=***"));
        Assert.That(await volumes.GetAsync(default), Is.EqualTo(
            new LogVolumes.AzureFileShare("hello-group", "hellostorage", "ambrosia-logs-smbshare", 80, "hellostorage.file.core.emu.test")));
    }

    [Test]
    public async Task A_push_gets_a_token_of_the_registry()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        await using var suite = new SuiteSession(host);
        var access = suite.Get<AcrAccess>();

        var login = await access.PushLoginAsync(default);

        Assert.That((login!.Server, login.User), Is.EqualTo((host.Emulator.BaseUri.Authority, "00000000-0000-0000-0000-000000000000")));
        Assert.That(host.Emulator.Secrets.Values, Does.Contain(login.Password));
        Assert.That(suite.Get<ISecretMask>().Mask(login.Password), Is.EqualTo("***"));
        Assert.That(await access.ServerAsync(default), Is.EqualTo(host.Emulator.BaseUri.Authority));
    }

    [Test]
    public async Task The_kubeconfig_is_private_kept_and_fetched_anew_for_another_cluster()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        var state = host.Emulator.State;
        await using (var first = new SuiteSession(host))
        {
            var access = await first.Get<AksClusterAccess>().GetAsync(default);
            Assert.That(access.Context, Is.EqualTo("hello-cluster"));
            if (!OperatingSystem.IsWindows())
                Assert.That(File.GetUnixFileMode(access.Kubeconfig), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(await File.ReadAllTextAsync(access.Kubeconfig), Does.Contain("current-context: hello-cluster").And.Contains(SentinelSecrets.Mark));
            Assert.That(await first.Get<AksClusterAccess>().ExistsAsync(default), Is.True);
        }

        await using (var second = new SuiteSession(host))
            await second.Get<AksClusterAccess>().GetAsync(default);
        Assert.That(Fetches(), Is.EqualTo(1));

        await using var third = new SuiteSession(host, settings => settings with
        {
            Azure = settings.Azure! with { Cluster = settings.Azure.Cluster with { Name = "other-cluster" } },
        });
        state.AddCluster("hello-group", "other-cluster", "Standard_D2s_v5", 2, Tags);
        await third.Get<AksClusterAccess>().GetAsync(default);
        Assert.That(Fetches(), Is.EqualTo(2));
        await third.Get<AksClusterAccess>().ForgetAsync(default);
        Assert.That(Directory.GetFiles(third.Get<Ambrosia.Build.StateDirectory>().Path, "kubeconfig*"), Is.Empty);

        int Fetches() => host.Journal.Count(line => line.StartsWith("aks get-credentials", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_cluster_without_local_accounts_is_entered_through_kubelogin()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        host.Emulator.State.Cluster("hello-cluster")!.Properties["disableLocalAccounts"] = true;
        await using var suite = new SuiteSession(host);
        var missing = await Assert.ThrowsAsync<BuildException>(() => suite.Get<AksClusterAccess>().GetAsync(default));
        Assert.That(missing!.Message, Does.StartWith("AMB2001: Cluster hello-cluster is entered with Entra identities").And.Contains("az aks install-cli"));
        Assert.That(host.Journal, Has.None.StartsWith("aks get-credentials"), "nothing is fetched that could not be used");

        // In kubelogin's place, which no registry at hand has: it notes what it was asked.
        var notes = Path.Combine(host.Directory, "kubelogin-notes");
        var program = Path.Combine(host.Directory, "bin", "kubelogin");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{notes}'\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var access = await suite.Get<AksClusterAccess>().GetAsync(default);

        Assert.That(host.Journal, Has.Some.StartsWith("aks get-credentials").And.Contains("--format exec"));
        Assert.That(await File.ReadAllLinesAsync(notes), Has.Some.EqualTo($"convert-kubeconfig --login azurecli --kubeconfig {access.Kubeconfig}"));
        Assert.That(await suite.Get<AksConfiguration>().CheckAsync(default), Has.Some.EqualTo("Cluster:   Entra identities; kubectl logs in through kubelogin"));
    }

    [Test]
    public async Task Doctor_finds_nothing_wrong_with_a_good_subscription()
    {
        await using var host = await AzHost.StartAsync();
        await using var suite = new SuiteSession(host, settings => settings with { Images = settings.Images with { Public = "ambrosia/ambrosia-perftest" } });

        var findings = await DiagnoseAsync(suite);

        Assert.That(findings.Where(finding => finding.Severity != FindingSeverity.Good), Is.Empty);
    }

    [Test]
    public async Task Doctor_finds_everything_that_would_fail_late()
    {
        await using var host = await AzHost.StartAsync();
        var state = host.Emulator.State;
        state.SetProvider("Microsoft.ContainerService", "NotRegistered");
        state.SetQuota("eastus", "standardDSv5Family", limit: 3);
        state.SetQuota("eastus", "cores", limit: 20, usedElsewhere: 2);
        state.RestrictVmSize("eastus", "Standard_D2as_v5");
        state.TakeName("hellostorage");
        state.TakeName("helloregistry");
        state.Deny("Microsoft.Authorization/*/Write");
        state.ForbidSharedKeys("Audit");
        state.ForbidSharedKeys(bySet: true);
        await using var suite = new SuiteSession(host);

        var findings = await DiagnoseAsync(suite);

        Assert.That(findings.Where(finding => finding.Severity == FindingSeverity.Error && finding.Subject != "docker daemon").Select(finding => finding.Subject), Is.EqualTo(new[]
        {
            "resource provider Microsoft.ContainerService", "vCPU quota of standardDSv5Family in eastus", "name of storage account hellostorage",
            "name of registry helloregistry", "right to assign roles", "shared keys of storage account hellostorage",
        }));
        Assert.That(findings.Where(finding => finding.Severity == FindingSeverity.Error).Select(finding => finding.Remedy), Has.All.Not.Null);
        Assert.That(findings[^1].Text, Does.StartWith("forbidden by policy: Security baseline (Deny);"), "and not by the one that only notes");
        Assert.That(findings.First(finding => finding.Subject.StartsWith("vCPU", StringComparison.Ordinal)).Remedy, Does.StartWith(
            "set azure.cluster.vmSize to one that fits: ").And.Not.Contains("Standard_D2as_v5"));
    }

    [Test]
    public async Task Doctor_asks_only_about_what_is_still_to_be_made()
    {
        await using var host = await AzHost.StartAsync();
        Plant(host);
        var state = host.Emulator.State;
        state.SetQuota("eastus", "standardDSv5Family", limit: 0);
        state.SetProvider("Microsoft.ContainerService", "NotRegistered");
        state.ForbidSharedKeys();
        state.AddRoleAssignment(state.Registry("helloregistry")!.Id, state.Cluster("hello-cluster")!.KubeletObjectId, "AcrPull");
        await using var suite = new SuiteSession(host, settings => settings with { Images = settings.Images });

        var findings = await DiagnoseAsync(suite);

        Assert.That(findings.Where(finding => finding.Severity == FindingSeverity.Error && finding.Subject != "docker daemon"), Is.Empty);
    }

    private static async Task<IReadOnlyList<Finding>> DiagnoseAsync(SuiteSession suite)
    {
        var findings = await suite.Get<AzureDoctor>().DiagnoseAsync(default);
        foreach (var finding in findings)
            TestContext.Out.WriteLine($"{finding.Severity.ToString().ToLowerInvariant(),-8} {finding}");
        return findings;
    }

    private static void Plant(AzHost host)
    {
        var state = host.Emulator.State;
        state.AddGroup("hello-group", "eastus", Tags);
        state.AddStorageAccount("hello-group", "hellostorage", tags: Tags);
        state.AddShare("hellostorage", "ambrosia-logs-smbshare", 80);
        state.AddRegistry("hello-group", "helloregistry", "Standard", Tags);
        state.AddCluster("hello-group", "hello-cluster", "Standard_D2s_v5", 2, Tags);
    }
}
