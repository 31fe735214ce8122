using System.Text.RegularExpressions;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Testing.Docker;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>
/// The life of a deployment on a cluster that is there, with a registry that wants a password: real kubectl, docker and registry. Each test is
/// the next step of the same deployment.
/// </summary>
[Platform("Linux")]
public sealed class KubernetesPipelineTests
{
    private const string Context = "emulated";
    private const string Exact = "Bytes received 201326592 of 201326592, 0 out of order";

    private PipelineWorld? _world;

    private PipelineWorld World => _world!;

    private string Kubeconfig => Path.Combine(World.Checkout.Temp, "kubeconfig");

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var registry = await RegistryServer.StartAsync(null, anonymous: false, limit.Token);
        var cluster = await KubernetesEmulator.StartAsync(null, limit.Token);
        _world = await PipelineWorld.StartAsync(
            registry, cluster, null, new Dictionary<string, string?> { ["AMBROSIA_REGISTRY_PASSWORD"] = registry.Password }, () => []);
        cluster.WriteKubeconfig(Kubeconfig, cluster.Admin, Context);
        World.Checkout.Write("AmbrosiaAKSConf.json", $$"""
            {
              "platform": "kubernetes",
              "serviceName": "{{PipelineWorld.Service}}",
              "instances": [
                { "name": "{{PipelineWorld.Server}}", "command": ["Server", "-j", "{{PipelineWorld.Job}}", "-s", "{{PipelineWorld.Server}}"] },
                { "name": "{{PipelineWorld.Job}}", "command": ["Job", "-j", "{{PipelineWorld.Job}}", "-s", "{{PipelineWorld.Server}}"] }
              ],
              "images": { "context": "{{PipelineWorld.Application}}", "dockerfile": "{{PipelineWorld.Application}}/Dockerfile" },
              "kubernetes": {
                "context": "{{Context}}", "kubeconfig": "{{Kubeconfig}}", "namespace": "{{PipelineWorld.Namespace}}",
                "registry": "{{registry.Server}}", "registryUser": "{{RegistryServer.User}}"
              }
            }
            """);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
    }

    [Test]
    public async Task Without_yes_and_a_terminal_nothing_is_changed()
    {
        var run = await World.RunAsync();

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.Contain("AMB1004").And.Contain("--yes"));
        Assert.That(run.ClusterMutations, Is.Empty);
        Assert.That(await World.Registry.TagsAsync(PipelineWorld.Service, default), Is.Empty);
    }

    [Test]
    [DependsOnTest(nameof(Without_yes_and_a_terminal_nothing_is_changed))]
    public async Task A_first_run_ends_with_two_verified_pods()
    {
        var run = await World.RunAsync("--yes");

        TestContext.Out.WriteLine(run.All);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Result.Lines, Has.One.EqualTo($"Verify: {Exact}"), run.All);
        var workloads = World.Cluster.State.List<V1StatefulSet>(PipelineWorld.Namespace);
        Assert.That(workloads.Select(workload => workload.Status.ReadyReplicas), Is.EqualTo(new int?[] { 1, 1 }));
        Assert.That(
            workloads.Select(workload => workload.Spec.Template.Spec.Containers[0].Image),
            Has.All.StartsWith($"{World.Registry.Server}/{PipelineWorld.Service}@sha256:"));
    }

    [Test]
    [DependsOnTest(nameof(A_first_run_ends_with_two_verified_pods))]
    public async Task A_run_with_nothing_to_do_changes_nothing()
    {
        var pods = World.Cluster.State.List<V1Pod>(PipelineWorld.Namespace).Select(pod => pod.Uid()).ToList();

        var run = await World.RunAsync("--target=Deploy", "--yes");

        TestContext.Out.WriteLine($"{run.Duration.TotalSeconds:0.0} s, {run.Kubectl.Count} kubectl, {run.Docker.Count} docker\n{run.All}");
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain("no pod was touched"));
        Assert.That(run.Kubectl, Has.Count.LessThanOrEqualTo(4), run.All);
        Assert.That(run.ClusterMutations, Is.Empty);
        Assert.That(run.Docker, Has.None.StartsWith("build").And.None.Contains(" push ").And.None.Contains(" login "), run.All);
        Assert.That(World.Cluster.State.List<V1Pod>(PipelineWorld.Namespace).Select(pod => pod.Uid()), Is.EqualTo(pods));
    }

    [Test]
    [DependsOnTest(nameof(A_run_with_nothing_to_do_changes_nothing))]
    public async Task The_plan_tells_by_its_exit_code_whether_there_is_something_to_do()
    {
        var unchanged = await World.RunAsync("--target=Plan");
        World.WriteApplication("second");
        var changed = await World.RunAsync("--target=Plan");
        World.WriteApplication("first");

        Assert.That((unchanged.ExitCode, changed.ExitCode), Is.EqualTo((0, 2)), unchanged.All + changed.All);
    }

    [Test]
    [DependsOnTest(nameof(The_plan_tells_by_its_exit_code_whether_there_is_something_to_do))]
    public async Task Status_shows_both_instances()
    {
        var run = await World.RunAsync("--target=Status");

        TestContext.Out.WriteLine(run.Output);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain(PipelineWorld.Server).And.Contain(PipelineWorld.Job));
    }

    [Test]
    [DependsOnTest(nameof(Status_shows_both_instances))]
    public async Task Logs_prints_what_an_instance_has_printed()
    {
        var run = await World.RunAsync("--target=Logs", $"--instance={PipelineWorld.Server}");

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain("Bytes received: 201326592").And.Not.Contain("Throughput (GB/sec)"));
    }

    [Test]
    [DependsOnTest(nameof(Logs_prints_what_an_instance_has_printed))]
    public async Task Doctor_looks_at_docker_and_at_the_cluster()
    {
        var run = await World.RunAsync("--target=Doctor");

        TestContext.Out.WriteLine(run.Output);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Match("good +docker: ").And.Match("good +docker daemon .*: builds linux/").And.Contain($"API server of context {Context}"));
    }

    [Test]
    [DependsOnTest(nameof(Doctor_looks_at_docker_and_at_the_cluster))]
    public async Task A_cluster_that_is_gone_is_one_finding_of_Doctor_and_no_dead_end_for_Clean()
    {
        var kubeconfig = await File.ReadAllTextAsync(Kubeconfig);
        await File.WriteAllTextAsync(Kubeconfig, Regex.Replace(kubeconfig, @"https://127\.0\.0\.1:\d+", "https://127.0.0.1:1"));

        var doctor = await World.RunAsync("--target=Doctor");
        var clean = await World.RunAsync("--target=Clean", "--scope=all", "--yes");
        await File.WriteAllTextAsync(Kubeconfig, kubeconfig);

        TestContext.Out.WriteLine(doctor.All + clean.All);
        Assert.That((doctor.ExitCode, clean.ExitCode), Is.EqualTo((1, 1)), doctor.All + clean.All);
        Assert.That(doctor.Output, Does.Match("good +docker daemon ").And.Match($"error +API server of context {Context}: does not answer"));
        Assert.That(clean.Error, Does.Contain("AMB5010").And.Contain("./build.sh --target=Clean --scope=all --platform=local"));
        Assert.That(World.Checkout.Artifacts, Does.Exist);
    }

    [Test]
    [DependsOnTest(nameof(A_cluster_that_is_gone_is_one_finding_of_Doctor_and_no_dead_end_for_Clean))]
    public async Task Clean_leaves_nothing()
    {
        var run = await World.RunAsync("--target=Clean", "--scope=all", "--yes");

        TestContext.Out.WriteLine(run.Output);
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(World.Cluster.State.List<V1StatefulSet>(), Is.Empty);
        Assert.That(World.Cluster.State.List<V1PersistentVolumeClaim>(), Is.Empty);
        Assert.That(World.Cluster.State.List<V1Secret>(PipelineWorld.Namespace), Is.Empty);
        Assert.That(World.States, Is.Empty);
        Assert.That(World.Checkout.Artifacts, Does.Not.Exist);
        Assert.That(Kubeconfig, Does.Exist, "that is the user's");
    }

    [Test]
    [DependsOnTest(nameof(Clean_leaves_nothing))]
    public void No_secret_was_seen_on_any_surface_of_any_run()
    {
        Assert.That(World.Scan.Findings, Is.Empty);
        Assert.That(World.Scan.Scanned, Is.GreaterThan(1000));
        foreach (var command in (string[])["--password-stdin", " push ", "apply --server-side"])
            Assert.That(World.SeenCommandLines, Has.Some.Contains(command), command);
    }
}
