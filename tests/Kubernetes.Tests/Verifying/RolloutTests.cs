using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Settings;
using Ambrosia.Emulators.Kubernetes.Api;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class RolloutTests(int minor) : DeploymentFixture(minor)
{
    private const string StatefulSet = "generated-perftestclient";

    private const string Refused =
        "rpc error: code = Unknown desc = failed to pull and unpack image: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized";

    private static IEnumerable<TestCaseData> Troubles =>
    [
        Row("refused pull", new PodBehaviour.ImagePullFailure(Refused), "401 Unauthorized", "a role assignment that was just made takes minutes", "AcrPull"),
        Row("missing tag", new PodBehaviour.ImagePullFailure("failed to resolve reference: registry.invalid/perftest: not found"), "not found", "never pushed", "--target=Push"),
        Row("crash loop", new PodBehaviour.CrashLoop(78, "[coordinator] ERROR AMB5105: The log is damaged.", "[coordinator]   cause: A disk lies.", "[coordinator]   fix: Restore it."), "AMB5105: The log is damaged.", "A disk lies.", "Restore it."),
        Row("a volume of root's", new PodBehaviour.CrashLoop(78, "[coordinator] ERROR AMB5103: The log directory /ambrosia_logs/logs cannot be written: Access to the path '/ambrosia_logs/logs' is denied.", "[coordinator]   cause: It is read-only, belongs to someone else, or the disk failed.", "[coordinator]   fix: Make it writable for this user, or choose another with --log."), "AMB5103", "do not obey the pod's fsGroup", "kubernetes.storageClass"),
        Row("a node that is too old", new PodBehaviour.CrashLoop(137, "Failed to create CoreCLR, HRESULT: 0x80070008"), "0x80070008", "clone3", "images.base"),
        Row("out of memory", new PodBehaviour.OutOfMemory("working"), "more memory than its limit", "too low", "raise kubernetes.resources.limits.memory"),
        Row("unschedulable", new PodBehaviour.Unschedulable("0/1 nodes are available: 1 Insufficient cpu."), "1 Insufficient cpu", "no node has enough cpu", "nodeCount"),
        Row("quota", new PodBehaviour.QuotaExceeded("exceeded quota: quota, requested: requests.memory=32Mi, used: requests.memory=0, limited: requests.memory=16Mi"), "exceeded quota", "ResourceQuota", "raise it"),
        Row("rotated key", new PodBehaviour.MountFailed("MountVolume.MountDevice failed for volume \"v\" : rpc error: mount error(13): Permission denied"), "mount error(13)", "rotated", "--target=Deploy"),
        Row("missing Secret", new PodBehaviour.ConfigurationError("secret \"web-secret\" not found"), "web-secret", "not in its namespace", "--target=Deploy"),
        Row("failing probe", new PodBehaviour.ReadinessFailing("HTTP probe failed with statuscode: 503"), "statuscode: 503", "not primary yet", "last lines"),
        Row("no start", new PodBehaviour.NeverStarts(), "ContainerCreating", "nothing is wrong as far as can be seen", "wait"),
    ];

    protected override int Acceleration => 20;

    [TestCaseSource(nameof(Troubles))]
    public async Task What_keeps_a_pod_from_running_is_explained(PodBehaviour behaviour, string what, string cause, string cure, CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(150) } };
        Cluster.Scenario.Set(Ns, StatefulSet, behaviour);
        await DeployAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Rollout().WaitAsync(Access, Settings, cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.RolloutFailed));
        Assert.That(failure.What, Does.StartWith("1 of 2 instances do not run: "));
        Assert.That(failure.What, Does.Contain(what));
        Assert.That(failure.What, Does.Contain($"cause: ").And.Contain(cause));
        Assert.That(failure.What, Does.Contain(cure));
    }

    [Test]
    public async Task A_quota_on_limits_is_explained_and_met_by_the_configuration(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(150) } };
        Cluster.State.CreateNamespace(Ns);
        Cluster.State.Put(new V1ResourceQuota
        {
            Metadata = new V1ObjectMeta { Name = "compute", NamespaceProperty = Ns },
            Spec = new V1ResourceQuotaSpec { Hard = new Dictionary<string, ResourceQuantity> { ["limits.cpu"] = new("4"), ["limits.memory"] = new("4Gi") } },
        });
        await DeployAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Rollout().WaitAsync(Access, Settings, cancellation)))!;
        Settings = Settings with
        {
            Kubernetes = Settings.Kubernetes with { Resources = PodResources.Default with { CpuLimit = "1", MemoryLimit = "512Mi" } },
            Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) },
        };
        await DeployAsync(cancellation);
        await Rollout().WaitAsync(Access, Settings, cancellation);

        Assert.That(failure.What, Does.Contain("must specify limits.cpu for: ambrosia; limits.memory for: ambrosia").And.Contain("set kubernetes.resources.limits"));
        Assert.That(Cluster.State.Get<V1Pod>(Ns, JobPod)!.Spec.Containers.Single().Resources.Limits["memory"].ToString(), Is.EqualTo("512Mi"));
    }

    [Test]
    public async Task A_crash_loop_shows_its_last_lines(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(100) } };
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.CrashLoop(3, "about to fail", "failed"));
        await DeployAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Rollout().WaitAsync(Access, Settings, cancellation)))!;

        Assert.That(failure.Message, Does.Contain($"--- {JobPod}, last lines").And.Contain("about to fail"));
    }

    [Test]
    public async Task A_refused_pull_is_not_yet_and_a_new_pod_pulls_as_soon_as_it_may(CancellationToken cancellation)
    {
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.ImagePullFailure(Refused));
        await DeployAsync(cancellation);
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) } };
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"{StatefulSet}: not yet: the image", cancellation);
        // The role assignment is known now, but this pod would wait for its back-off of five minutes.
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;

        Assert.That(Screen.Text, Does.Contain($"{JobPod}: replaced, so that it is tried again at once"));
    }

    [Test]
    public async Task A_broken_pod_of_the_former_deployment_does_not_block_the_new_one(CancellationToken cancellation)
    {
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.CrashLoop(3, "broken"));
        await DeployAsync(cancellation);
        await Cluster.State.WaitForAsync(
            state => state.Get<k8s.Models.V1Pod>(Ns, JobPod)?.Status?.ContainerStatuses?.Any(status => status.RestartCount > 0) == true, cancellation: cancellation);
        await ChangeAsync(cancellation);
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"{JobPod}: replaced", cancellation);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;
    }

    [Test]
    public async Task What_happened_to_the_former_pod_does_not_fail_the_new_one(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        Cluster.State.RecordEvent(
            "pods", Ns, JobPod, "Warning", "FailedMount", "MountVolume.MountDevice failed for volume \"v\" : rpc error: mount error(13): Permission denied");
        var former = Cluster.State.Get<k8s.Models.V1Pod>(Ns, JobPod)!.Metadata.Uid;
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.NeverStarts());
        await ChangeAsync(cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<k8s.Models.V1Pod>(Ns, JobPod) is { } pod && pod.Metadata.Uid != former, cancellation: cancellation);
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await LookAsync(8, waiting, cancellation);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;

        Assert.That(Screen.Text, Does.Not.Contain("mount error"));
    }

    [Test]
    public async Task A_mount_that_fails_at_first_is_not_yet(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) } };
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.MountFailed("MountVolume.MountDevice failed for volume \"v\" : rpc error: mount error(13): Permission denied"));
        await DeployAsync(cancellation);
        // Less fast than elsewhere: each look takes kubectl its own time, and an event is believed after three minutes.
        var waiting = new RolloutWaiter(Services with { Time = new AcceleratedTime(4, TimeSpan.Zero) }).WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"{StatefulSet}: not yet: a volume cannot be mounted", cancellation);
        await LookAsync(4, waiting, cancellation);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;
    }

    [Test]
    public async Task A_coordinator_that_replays_its_log_is_waited_for_beyond_the_deadline(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(40) } };
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.Starting("HTTP probe failed with statuscode: 503"));
        await DeployAsync(cancellation);
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"{StatefulSet}; a coordinator may replay its log for 1:00:00", cancellation, waiting);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;
    }

    [Test]
    public async Task A_pod_that_cannot_be_replaced_just_now_is_replaced_later(CancellationToken cancellation)
    {
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.ImagePullFailure(Refused));
        await DeployAsync(cancellation);
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) } };
        Cluster.Faults.Add(new Fault("DELETE", $"/pods/{JobPod}", 1) { Status = 503 });
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"warning: {JobPod} was to be replaced, and could not be deleted", cancellation, waiting);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;

        Assert.That(Screen.Text, Does.Contain($"{JobPod}: replaced, so that it is tried again at once"));
    }

    [Test]
    public async Task Only_the_pod_that_was_seen_is_deleted(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var uid = Cluster.State.Get<k8s.Models.V1Pod>(Ns, JobPod)!.Metadata.Uid;

        var another = await Services.Kubectl.DeletePodAsync(Access, JobPod, "00000000-0000-0000-0000-000000000000", cancellation);
        var untouched = Cluster.State.Get<k8s.Models.V1Pod>(Ns, JobPod)!.Metadata;
        var seen = await Services.Kubectl.DeletePodAsync(Access, JobPod, uid, cancellation);
        await Cluster.State.WaitForAsync(state => state.Get<k8s.Models.V1Pod>(Ns, JobPod) is { } pod && pod.Metadata.Uid != uid, cancellation: cancellation);

        Assert.That(another.Failure?.Kind, Is.EqualTo(Build.Cli.Kubernetes.KubectlFailureKind.StaleObject), another.StandardError);
        Assert.That((untouched.Uid, untouched.DeletionTimestamp), Is.EqualTo((uid, (DateTime?)null)));
        Assert.That(seen.Succeeded, Is.True, seen.StandardError);
    }

    [Test]
    public async Task A_server_that_cannot_answer_for_a_moment_is_asked_again(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) } };
        Cluster.Scenario.Set(Ns, StatefulSet, new PodBehaviour.NeverStarts());
        await DeployAsync(cancellation);
        var waiting = Rollout().WaitAsync(Access, Settings, cancellation);
        await Screen.WaitForAsync($"{StatefulSet}: ", cancellation);
        Cluster.Faults.Add(new Fault("GET", "/statefulsets\\?", 2) { Status = 503 });
        await Screen.WaitForAsync("warning: The cluster does not answer for now", cancellation);
        Cluster.Scenario.Clear(Ns, StatefulSet);

        await waiting;
    }

    [Test]
    public async Task Rights_that_end_at_the_namespace_are_enough(CancellationToken cancellation)
    {
        var user = Cluster.AddUser("deployer");
        Cluster.Access.AllowOnly("deployer", new Emulators.Kubernetes.Access.AccessRule("*", "*", Ns));
        await DeployAsync(cancellation);
        Act(user);
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) } };

        Assert.That(async () => await Rollout().WaitAsync(Access, Settings, cancellation), Throws.Nothing);
    }

    /// <summary>Looks at the cluster so often, each of which takes more than a second of the suite's time.</summary>
    private async Task LookAsync(int times, Task waiting, CancellationToken cancellation)
    {
        var until = Looks() + times;
        await UntilAsync(() => waiting.IsCompleted || Looks() >= until, cancellation);

        int Looks() => Cluster.Requests.Count(request => request.Method == "GET" && request.Path.EndsWith("/events", StringComparison.Ordinal));
    }

    private static TestCaseData Row(string name, PodBehaviour behaviour, string what, string cause, string cure) =>
        new TestCaseData(behaviour, what, cause, cure).SetArgDisplayNames(name);
}
