using System.Text.Json;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Testing.Docker;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>
/// The life of a deployment on aks, nothing faked but the cloud: real az, kubectl, docker and registry. Each test is the next step of the
/// same deployment.
/// </summary>
[Platform("Linux")]
public sealed class AksPipelineTests
{
    private const string Group = "pipe-group";
    private const string Account = "pipestorage";
    private const string RegistryName = "piperegistry";
    private const string ClusterName = "pipe-cluster";
    private const string Tag = "ambrosia-deployment";

    private static readonly TimeSpan AksTakes = TimeSpan.FromHours(3);

    private readonly SkippingClock _clock = new();
    private AzHost? _azure;
    private PipelineWorld? _world;

    private AzHost Azure => _azure!;

    private AzureEmulator Emulator => Azure.Emulator;

    private PipelineWorld World => _world!;

    private string Repository => $"{Emulator.BaseUri.Authority}/{PipelineWorld.Service}";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var registry = await RegistryServer.StartAsync(null, anonymous: false, limit.Token);
        var cluster = await KubernetesEmulator.StartAsync(new EmulatorOptions { Nodes = ["node1", "node2"] }, limit.Token);
        _azure = await AzHost.StartAsync(
            new AzureEmulatorOptions
            {
                UpstreamRegistry = new Uri($"http://{RegistryServer.User}:{registry.Password}@{registry.Server}"),
                Durations = OperationDurations.None with { ClusterCreate = AksTakes },
                KubeletIdentityAfter = 0,
                Clock = _clock,
            },
            cancellation: limit.Token);
        Emulator.Secrets.Add(SecretKind.KubeconfigToken, cluster.Admin.Token!, "the emulated cluster");
        Emulator.OnMutation(mutation =>
        {
            if (Emulator.State.Cluster(ClusterName) is { } made)
                made.Kubeconfig = KubeconfigOf(cluster);
            return Task.CompletedTask;
        });
        _world = await PipelineWorld.StartAsync(registry, cluster, Azure.Tools, Azure.Environment, () => Emulator.Secrets.Values);
        Configure();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
        if (_azure is not null)
            await _azure.DisposeAsync();
    }

    [Test]
    public async Task The_plan_of_a_first_run_creates_everything_and_exits_2()
    {
        var run = await World.RunAsync("--target=Plan");

        Assert.That(run.ExitCode, Is.EqualTo(2), run.All);
        foreach (var resource in (string[])[Group, Account, RegistryName, ClusterName, "AcrPull", $"/{PipelineWorld.Service}:", "generated-pipeserver"])
            Assert.That(run.Output, Does.Contain(resource), run.Output);
        Assert.That(run.Kubectl, Has.None.Contains("--kubeconfig"), "there is no cluster to ask");
        AssertNothingThere();
    }

    [Test]
    [DependsOnTest(nameof(The_plan_of_a_first_run_creates_everything_and_exits_2))]
    public async Task Without_yes_and_a_terminal_nothing_is_changed()
    {
        var run = await World.RunAsync();

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.Contain("AMB1004").And.Contain("--yes"));
        Assert.That(run.Output, Does.Contain(ClusterName), "the plan is shown");
        AssertNothingThere();
    }

    [Test]
    [DependsOnTest(nameof(Without_yes_and_a_terminal_nothing_is_changed))]
    public async Task A_run_that_is_ended_while_AKS_is_made_says_that_this_goes_on()
    {
        var run = await World.RunAsync(
            async process =>
            {
                await Until.Holds(
                    () => process.Output.Contains("Push: pushed ", StringComparison.Ordinal), TimeSpan.FromMinutes(5), () => process.Output + process.Error);
                await process.SignalGroup("TERM");
            },
            "--yes");

        Assert.That(run.ExitCode, Is.EqualTo(143), run.All);
        Assert.That(run.Error + run.Output, Does.Contain($"Azure goes on with: cluster {ClusterName} (creating)").And.Contain("Run again to continue"));
        Assert.That(Emulator.State.Cluster(ClusterName)!.ProvisioningState, Is.EqualTo("Creating"));
        Assert.That(RunningProcess.Below(World.Checkout.Root), Is.Empty);
    }

    [Test]
    [DependsOnTest(nameof(A_run_that_is_ended_while_AKS_is_made_says_that_this_goes_on))]
    public async Task The_next_run_goes_on_with_it_to_two_verified_pods()
    {
        var run = await World.RunAsync(
            async process =>
            {
                await Until.Holds(
                    () => process.Output.Contains("in the making since an earlier run", StringComparison.Ordinal),
                    TimeSpan.FromMinutes(5), () => process.Output + process.Error);
                _clock.Skip(AksTakes);
            },
            "--yes");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        TestContext.Out.WriteLine(run.All);
        Assert.That(run.Result.Lines, Has.One.EqualTo("Verify: Bytes received 201326592 of 201326592, 0 out of order"), run.All);
        Assert.That(run.Az, Has.None.StartsWith("aks create").And.None.StartsWith("group create"), "an earlier run has made those");
        AssertDeployed();
    }

    [Test]
    [DependsOnTest(nameof(The_next_run_goes_on_with_it_to_two_verified_pods))]
    public async Task A_run_with_nothing_to_do_changes_nothing_and_costs_three_az_processes()
    {
        var pods = Pods();
        var mutations = Emulator.MutationCount;

        var run = await World.RunAsync("--target=Deploy", "--yes");

        TestContext.Out.WriteLine($"{run.Duration.TotalSeconds:0.0} s, {run.Az.Count} az, {run.Kubectl.Count} kubectl, {run.Docker.Count} docker\n{run.All}");
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain("Plan: ").And.Contain("no pod was touched"));
        Assert.That(run.Az, Has.Count.LessThanOrEqualTo(3), run.All);
        Assert.That(run.Kubectl.Where(call => call.Contains("--kubeconfig", StringComparison.Ordinal)).ToList(), Has.Count.LessThanOrEqualTo(4), run.All);
        Assert.That(run.ClusterMutations, Is.Empty);
        Assert.That(Emulator.MutationCount, Is.EqualTo(mutations), run.All);
        Assert.That(run.Docker, Has.None.StartsWith("push").And.None.StartsWith("build").And.None.Contains(" login "), run.All);
        Assert.That(Pods(), Is.EqualTo(pods));
    }

    [Test]
    [DependsOnTest(nameof(A_run_with_nothing_to_do_changes_nothing_and_costs_three_az_processes))]
    public async Task The_plan_of_nothing_to_do_exits_0()
    {
        var run = await World.RunAsync("--target=Plan");

        Assert.That(run.ExitCode, Is.Zero, run.All);
    }

    [Test]
    [DependsOnTest(nameof(The_plan_of_nothing_to_do_exits_0))]
    public async Task The_benchmark_of_a_rerun_writes_its_figures()
    {
        var run = await World.RunAsync("--target=Benchmark", "--suite=rerun");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        using var figures = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(World.Checkout.Artifacts, "benchmark", "rerun.json")));
        TestContext.Out.WriteLine(figures.RootElement.ToString());
        Assert.That(figures.RootElement.GetProperty("azCalls").GetInt32(), Is.EqualTo(run.Az.Count).And.LessThanOrEqualTo(3));
        Assert.That(figures.RootElement.GetProperty("armRequests").GetInt32(), Is.GreaterThan(0));
        Assert.That(figures.RootElement.GetProperty("seconds").GetDouble(), Is.GreaterThan(0));
    }

    [Test]
    [DependsOnTest(nameof(The_benchmark_of_a_rerun_writes_its_figures))]
    public async Task A_change_of_the_application_pushes_one_layer_and_replaces_the_pods()
    {
        var tag = (await World.Registry.TagsAsync(PipelineWorld.Service, default)).Single();
        var layers = await World.Registry.LayersAsync(PipelineWorld.Service, tag, default);
        var pods = Pods();
        var mutations = Emulator.MutationCount;
        World.WriteApplication("second");

        var run = await World.RunAsync("--yes");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Docker.Count(call => call.StartsWith("build ", StringComparison.Ordinal)), Is.EqualTo(1), run.All);
        Assert.That(run.Docker.Count(call => call.Contains(" push ", StringComparison.Ordinal)), Is.EqualTo(1), run.All);
        var newTag = (await World.Registry.TagsAsync(PipelineWorld.Service, default)).Single(each => each != tag);
        Assert.That((await World.Registry.LayersAsync(PipelineWorld.Service, newTag, default)).Except(layers).Count(), Is.EqualTo(1));
        Assert.That(Pods().Keys, Is.EqualTo(pods.Keys));
        Assert.That(Pods().Values.Intersect(pods.Values), Is.Empty, "both instances run the new image");
        string[] claims = [Claim(PipelineWorld.Server), Claim(PipelineWorld.Job)];
        Assert.That(
            run.ClusterMutations, Is.EquivalentTo([.. claims, Workload(PipelineWorld.Server), Workload(PipelineWorld.Job), .. claims]),
            "the two workloads, what their claims record before and after, and nothing beside them");
        Assert.That(Emulator.MutationCount, Is.EqualTo(mutations), "nothing in Azure");
        Assert.That(run.Result.Lines, Has.One.StartsWith("Verify: Bytes received 201326592 of "));
    }

    [Test]
    [DependsOnTest(nameof(A_change_of_the_application_pushes_one_layer_and_replaces_the_pods))]
    public async Task A_change_of_the_configuration_changes_that_alone()
    {
        var pods = Pods();
        var mutations = Emulator.MutationCount;
        Configure(sku: "Premium", nodes: 3, triggerSizeMiB: 128);

        var plan = await World.RunAsync("--target=Plan");
        var run = await World.RunAsync("--yes");

        Assert.That(plan.ExitCode, Is.EqualTo(2), plan.All);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(
            run.Az.Select(call => string.Join(' ', call.Split(' ').TakeWhile(word => !word.StartsWith('-')))),
            Has.One.EqualTo("acr update").And.One.EqualTo("aks scale").And.None.Contains("create"), run.All);
        Assert.That((Emulator.State.Registry(RegistryName)!.Sku, Emulator.State.Cluster(ClusterName)!.AgentPools[0].Count), Is.EqualTo(("Premium", 3)));
        Assert.That(Emulator.MutationCount - mutations, Is.EqualTo(2), run.All);
        Assert.That(run.ClusterMutations, Is.EqualTo(new[] { Claim(PipelineWorld.Job), Workload(PipelineWorld.Job), Claim(PipelineWorld.Job) }), run.All);
        Assert.That(Pods()[$"generated-{PipelineWorld.Server}-0"], Is.EqualTo(pods[$"generated-{PipelineWorld.Server}-0"]), "the other pod was not touched");
    }

    [Test]
    [DependsOnTest(nameof(A_change_of_the_configuration_changes_that_alone))]
    public async Task Clean_most_keeps_the_group_and_the_cluster()
    {
        var run = await World.RunAsync("--target=Clean", "--scope=most", "--yes");

        TestContext.Out.WriteLine(run.Output);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        var state = Emulator.State;
        Assert.That((state.StorageAccounts.Count, state.Registries.Count, state.RoleAssignments.Count), Is.EqualTo((0, 0, 0)));
        Assert.That(state.Group(Group), Is.Not.Null);
        Assert.That(state.Cluster(ClusterName), Is.Not.Null);
        Assert.That(World.Cluster.State.List<V1StatefulSet>(PipelineWorld.Namespace), Is.Empty);
    }

    [Test]
    [DependsOnTest(nameof(Clean_most_keeps_the_group_and_the_cluster))]
    public async Task Clean_all_leaves_nothing()
    {
        var run = await World.RunAsync("--target=Clean", "--scope=all", "--yes");

        TestContext.Out.WriteLine(run.Output);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        AssertNothingThere();
        Assert.That(World.Cluster.State.List<V1PersistentVolume>(), Is.Empty);
        Assert.That(World.States, Is.Empty, "kubeconfig and local state");
        Assert.That(World.Checkout.Artifacts, Does.Not.Exist);
        Assert.That(await Machinery.Engine.DockerAsync(default, "image", "ls", "--quiet", "--filter", $"label={Tag}={PipelineWorld.Service}"), Is.Empty);
    }

    [Test]
    [DependsOnTest(nameof(Clean_all_leaves_nothing))]
    public void No_secret_was_seen_on_any_surface_of_any_run()
    {
        Assert.That(World.Scan.Findings, Is.Empty);
        Assert.That(World.Scan.Scanned, Is.GreaterThan(1000));
        Assert.That(Emulator.Secrets.Issued.Select(secret => secret.Kind), Is.SupersetOf(new[]
        {
            SecretKind.AccessToken, SecretKind.StorageKey, SecretKind.RegistryRefreshToken, SecretKind.RegistryAccessToken, SecretKind.KubeconfigToken,
        }));
        foreach (var command in (string[])["aks create --name", "get-credentials", "--password-stdin", " push ", "apply --server-side", "build --file"])
            Assert.That(World.SeenCommandLines, Has.Some.Contains(command), command);
    }

    private void AssertNothingThere()
    {
        var state = Emulator.State;
        Assert.That((state.Groups.Count, state.Resources.Count, state.RoleAssignments.Count), Is.EqualTo((0, 0, 0)));
        Assert.That(World.Cluster.State.List<V1StatefulSet>(), Is.Empty);
    }

    private void AssertDeployed()
    {
        var state = Emulator.State;
        Assert.That(state.Group(Group)!.Tags[Tag], Is.EqualTo(PipelineWorld.Service));
        Assert.That(state.StorageAccount(Account)!.Shares, Has.Count.EqualTo(1));
        Assert.That(state.Cluster(ClusterName)!.ProvisioningState, Is.EqualTo("Succeeded"));
        Assert.That(
            state.RoleAssignments.Select(assignment => (assignment.PrincipalId, assignment.Scope)),
            Is.EqualTo(new[] { (state.Cluster(ClusterName)!.KubeletObjectId, state.Registry(RegistryName)!.Id) }));
        var workloads = World.Cluster.State.List<V1StatefulSet>(PipelineWorld.Namespace);
        Assert.That(workloads.Select(workload => workload.Status.ReadyReplicas), Is.EqualTo(new int?[] { 1, 1 }));
        Assert.That(workloads.Select(workload => workload.Spec.Template.Spec.Containers[0].Image), Has.All.StartsWith($"{Repository}@sha256:"));
    }

    private Dictionary<string, string> Pods() =>
        World.Cluster.State.List<V1Pod>(PipelineWorld.Namespace).OrderBy(pod => pod.Name()).ToDictionary(pod => pod.Name(), pod => pod.Uid());

    private static string Workload(string instance) => $"PATCH statefulsets/generated-{instance}";

    private static string Claim(string instance) => $"PATCH persistentvolumeclaims/generated-{instance}-logs";

    private static string KubeconfigOf(KubernetesEmulator cluster)
    {
        var path = Path.GetTempFileName();
        try
        {
            cluster.WriteKubeconfig(path, cluster.Admin, ClusterName);
            return File.ReadAllText(path).Replace("current-context: \"\"", $"current-context: {ClusterName}", StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void Configure(string sku = "Standard", int nodes = 2, int triggerSizeMiB = 256) => World.Checkout.Write("AmbrosiaAKSConf.json", $$"""
        {
          "platform": "aks",
          "serviceName": "{{PipelineWorld.Service}}",
          "instances": [
            { "name": "{{PipelineWorld.Server}}", "command": ["Server", "-j", "{{PipelineWorld.Job}}", "-s", "{{PipelineWorld.Server}}"] },
            {
              "name": "{{PipelineWorld.Job}}", "command": ["Job", "-j", "{{PipelineWorld.Job}}", "-s", "{{PipelineWorld.Server}}"],
              "triggerSizeMiB": {{triggerSizeMiB}}
            }
          ],
          "images": { "context": "{{PipelineWorld.Application}}", "dockerfile": "{{PipelineWorld.Application}}/Dockerfile" },
          "kubernetes": { "namespace": "{{PipelineWorld.Namespace}}" },
          "azure": {
            "subscription": "{{Emulator.Options.SubscriptionId}}",
            "resourceGroup": "{{Group}}",
            "storage": { "account": "{{Account}}" },
            "registry": { "name": "{{RegistryName}}", "sku": "{{sku}}" },
            "cluster": { "name": "{{ClusterName}}", "nodeCount": {{nodes}} }
          }
        }
        """);
}
