using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>The ways in which pods fail, as kubectl reads them: the shapes that a real cluster was recorded with.</summary>
public sealed class ScenarioTests
{
    private KubernetesEmulator? _cluster;
    private Kubectl? _kubectl;

    private KubernetesEmulator Cluster => _cluster!;

    [SetUp]
    public async Task StartAsync()
    {
        _kubectl = new Kubectl(KubectlBinariesNewest);
        _cluster = await KubernetesEmulator.StartAsync(new EmulatorOptions { Times = new PodTimes { CrashLoopBackOff = TimeSpan.FromMinutes(5) } });
        _cluster.WriteKubeconfig(_kubectl.Kubeconfig, _cluster.Admin, "emulator");
        _cluster.State.CreateNamespace("ambrosia");
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _kubectl?.Dispose();
    }

    private static int KubectlBinariesNewest => Testing.KubectlBinaries.Minors[^1];

    [Test]
    public async Task An_image_that_cannot_be_pulled_backs_off_until_the_pod_is_replaced()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.ImagePullFailure("unexpected status from HEAD request: 401 Unauthorized"));
        await DeployAsync();
        await Cluster.State.WaitForAsync(state => Container(state)?.State.Waiting?.Reason == "ImagePullBackOff");
        var status = Container(Cluster.State)!;
        Cluster.Scenario.Clear("ambrosia", "web");
        Assert.Multiple(() =>
        {
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Status.Phase, Is.EqualTo("Pending"));
            Assert.That(status.State.Waiting.Message, Is.EqualTo("Back-off pulling image \"registry.invalid/web:1\": ErrImagePull: failed to pull and unpack image \"registry.invalid/web:1\": unexpected status from HEAD request: 401 Unauthorized"));
            Assert.That(Warnings("web-0"), Does.Contain("Failed: Error: ImagePullBackOff"));
        });
        await Cluster.State.WaitForAsync(state => Container(state)?.State.Waiting?.Reason == "ImagePullBackOff");
        (await _kubectl!.RunAsync("delete", "pod", "web-0")).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
    }

    [Test]
    public async Task A_container_that_ends_again_and_again_shows_its_last_lines()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.CrashLoop(3, "starting", "fatal: no log directory"));
        await DeployAsync();
        await Cluster.State.WaitForAsync(state => Container(state)?.State.Waiting?.Reason == "CrashLoopBackOff");
        var status = Container(Cluster.State)!;
        var previous = await _kubectl!.RunAsync("logs", "--previous", "--tail=1", "web-0");
        Assert.Multiple(() =>
        {
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Status.Phase, Is.EqualTo("Running"));
            Assert.That(status.State.Waiting.Message, Does.StartWith("back-off 10s restarting failed container=web pod=web-0_ambrosia("));
            Assert.That((status.RestartCount, status.LastState.Terminated.ExitCode, status.LastState.Terminated.Reason), Is.EqualTo((1, 3, "Error")));
            Assert.That(previous.Output, Is.EqualTo("fatal: no log directory\n"));
        });
    }

    [Test]
    public async Task A_container_without_memory_is_ended_by_the_kernel()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.OutOfMemory());
        await DeployAsync();
        await Cluster.State.WaitForAsync(state => Container(state)?.State.Waiting?.Reason == "CrashLoopBackOff");
        var last = Container(Cluster.State)!.LastState.Terminated;
        Assert.That((last.ExitCode, last.Reason), Is.EqualTo((137, "OOMKilled")));
    }

    [Test]
    public async Task A_pod_over_the_quota_is_not_made()
    {
        Cluster.State.Put(new V1ResourceQuota
        {
            Metadata = new V1ObjectMeta { Name = "quota", NamespaceProperty = "ambrosia" },
            Spec = new V1ResourceQuotaSpec { Hard = new Dictionary<string, ResourceQuantity> { ["requests.memory"] = new("16Mi") } },
        });
        await DeployAsync();
        await Cluster.State.WaitForAsync(_ => Warnings("web").Count > 0);
        Assert.Multiple(() =>
        {
            Assert.That(Cluster.State.List<V1Pod>("ambrosia"), Is.Empty);
            Assert.That(Warnings("web").Single(), Is.EqualTo(
                "FailedCreate: create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: exceeded quota: quota, requested: requests.memory=1Gi, used: requests.memory=0, limited: requests.memory=16Mi"));
        });
    }

    [Test]
    public async Task A_claim_without_its_storage_class_keeps_the_pod_waiting()
    {
        var set = Manifests.StatefulSet();
        set["spec"]!["volumeClaimTemplates"]![0]!["spec"]!["storageClassName"] = "no-such-class";
        await DeployAsync(set.ToJsonString());
        await Cluster.State.WaitForAsync(state => Scheduled(state) is not null);
        Assert.Multiple(() =>
        {
            Assert.That(Scheduled(Cluster.State), Does.StartWith("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."));
            Assert.That(Warnings("logs-web-0"), Is.EqualTo(new[] { "ProvisioningFailed: storageclass.storage.k8s.io \"no-such-class\" not found" }));
        });
    }

    [Test]
    public async Task A_pod_that_asks_for_too_much_waits()
    {
        var set = Manifests.StatefulSet();
        set["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"] = "1000";
        await DeployAsync(set.ToJsonString());
        await Cluster.State.WaitForAsync(state => Scheduled(state) is not null);
        Assert.That(Scheduled(Cluster.State), Does.StartWith("0/1 nodes are available: 1 Insufficient cpu."));
    }

    [Test]
    public async Task A_secret_that_is_missing_is_named_and_its_coming_is_noticed()
    {
        var set = Manifests.StatefulSet();
        set["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!["value"] = null;
        set["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!["valueFrom"] =
            new System.Text.Json.Nodes.JsonObject { ["secretKeyRef"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "web-secret", ["key"] = "token" } };
        await DeployAsync(set.ToJsonString());
        await Cluster.State.WaitForAsync(state => Container(state)?.State.Waiting?.Reason == "CreateContainerConfigError");
        Assert.That(Container(Cluster.State)!.State.Waiting.Message, Is.EqualTo("secret \"web-secret\" not found"));
        await DeployAsync(Manifests.Secret().ToJsonString());
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
    }

    [Test]
    public async Task A_volume_that_cannot_be_mounted_keeps_the_container_from_being_made()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.MountFailed("MountVolume.MountDevice failed for volume \"logs\" : mount failed: exit status 32"));
        await DeployAsync();
        await Cluster.State.WaitForAsync(_ => Warnings("web-0").Count > 0);
        Assert.Multiple(() =>
        {
            Assert.That(Container(Cluster.State)!.State.Waiting.Reason, Is.EqualTo("ContainerCreating"));
            Assert.That(Warnings("web-0").Single(), Does.StartWith("FailedMount: MountVolume.MountDevice failed for volume \"logs\""));
        });
    }

    [Test]
    public async Task A_probe_that_fails_keeps_the_pod_from_being_ready()
    {
        Cluster.Scenario.Set("ambrosia", "web", new PodBehaviour.ReadinessFailing("HTTP probe failed with statuscode: 503"));
        await DeployAsync();
        await Cluster.State.WaitForAsync(_ => Warnings("web-0").Count > 0);
        Assert.Multiple(() =>
        {
            Assert.That(Container(Cluster.State)!.State.Running, Is.Not.Null);
            Assert.That(Container(Cluster.State)!.Ready, Is.False);
            Assert.That(Warnings("web-0").Single(), Is.EqualTo("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503"));
        });
        Cluster.Scenario.Clear("ambrosia", "web");
        await Cluster.State.WaitForReadyPodAsync("ambrosia", "web-0");
    }

    private async Task DeployAsync(string? manifest = null) =>
        (await _kubectl!.RunAsync(["apply", "--server-side", "--field-manager=ambrosia", "-f", "-"], manifest ?? Manifests.StatefulSet().ToJsonString())).Check();

    private static V1ContainerStatus? Container(ClusterState state) => state.Get<V1Pod>("ambrosia", "web-0")?.Status.ContainerStatuses?[0];

    private static string? Scheduled(ClusterState state) =>
        state.Get<V1Pod>("ambrosia", "web-0")?.Status.Conditions?.FirstOrDefault(condition => condition.Reason == "Unschedulable")?.Message;

    private List<string> Warnings(string name) =>
    [
        .. Cluster.State.List<Corev1Event>("ambrosia")
            .Where(item => item.Type == "Warning" && item.InvolvedObject.Name == name)
            .Select(item => $"{item.Reason}: {item.Message}"),
    ];
}
