using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Settings;
using Ambrosia.Emulators.Kubernetes.Access;
using Ambrosia.Emulators.Kubernetes.Api;
using Ambrosia.Emulators.Kubernetes.Pods;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class VerifyTests(int minor) : DeploymentFixture(minor)
{
    private const string Exact = "Bytes received 201326592 of 201326592, 0 out of order";

    [Test]
    public async Task It_follows_the_work_to_the_oracle(CancellationToken cancellation)
    {
        Simulate();
        await DeployAsync(cancellation);

        var outcome = await Verifier().VerifyAsync(cancellation);

        Assert.That(outcome.Summary, Is.EqualTo(Exact));
        Assert.That(Screen.Lines, Does.Contain("Round 3 of 3:  16384 bytes per message, 0.0300 GiB/s"));
        Assert.That(Screen.Text, Does.Contain("about 0:18 at the rate that the original measured on a Standard share"));
        Assert.That(
            Screen.Lines,
            Does.Contain($"  kill it:  kubectl --kubeconfig {Access.Kubeconfig} --context emulator --namespace ambrosia exec {JobPod} -- bash -c 'kill $(pidof Job)'"));
    }

    [Test]
    public async Task Work_that_was_done_before_is_judged_by_the_logs_that_are_there(CancellationToken cancellation)
    {
        Simulate();
        await DeployAsync(cancellation);
        await Verifier().VerifyAsync(cancellation);

        Assert.That((await Verifier().VerifyAsync(cancellation)).Summary, Is.EqualTo(Exact));
    }

    [Test]
    public async Task A_replaced_pod_and_a_restarted_container_lose_no_line(CancellationToken cancellation)
    {
        var service = Simulate();
        service.Pause();
        await DeployAsync(cancellation);
        var verifying = Verifier().VerifyAsync(cancellation);
        await Screen.WaitForAsync("Work: ", cancellation);
        service.Continue();
        await UntilAsync(() => service.Received > 32L << 20, cancellation);
        service.Pause();
        await Services.Kubectl.ForceDeletePodAsync(Access, ServerPod, cancellation);
        await Screen.WaitForAsync($"{Server}: its pod was replaced", cancellation);
        service.Continue();
        await UntilAsync(() => service.Received > 96L << 20, cancellation);
        service.Pause();
        Cluster.State.EndContainer(Ns, JobPod);
        await Screen.WaitForAsync($"{Job}: its container ended (exit code 137", cancellation);
        service.Continue();

        Assert.That((await verifying).Summary, Is.EqualTo(Exact));
        Assert.That((service.LivesOf(ServerPod), service.LivesOf(JobPod)), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task A_connection_that_is_cut_again_and_again_is_made_again(CancellationToken cancellation)
    {
        Cluster.Faults.Add(new Fault("GET", "/log\\?", 4) { CutAfterBytes = 200 });
        Simulate();
        await DeployAsync(cancellation);

        Assert.That((await Verifier().VerifyAsync(cancellation)).Summary, Is.EqualTo(Exact));
    }

    [Test]
    public async Task A_peer_that_is_not_reached_is_told_once_and_again_when_it_is_reached(CancellationToken cancellation)
    {
        Simulate();
        var live = Cluster.OnContainerStarted!;
        Cluster.OnContainerStarted = container =>
        {
            string[] words = container.Pod == JobPod ? ["at generated-s:21500 is not reached (no answer); trying on.", "at generated-s:21500 is not reached (no answer); trying on.", "is reached again."] : [];
            foreach (var word in words)
                container.WriteLine($"[coordinator] {Server} {word}");
            return live(container);
        };
        await DeployAsync(cancellation);

        await Verifier().VerifyAsync(cancellation);

        Assert.That(
            Screen.Lines.Where(line => line.Contains("reached", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]),
            Is.EqualTo(new[] { $"{Server} at generated-s:21500 is not reached (no answer); trying on.", $"{Server} is reached again." }));
    }

    [Test]
    public async Task A_byte_too_many_fails_with_the_last_lines(CancellationToken cancellation)
    {
        _ = new SimulatedService(Cluster, ServerPod, JobPod, Settings.Verify.Rounds, Settings.Verify.RoundBytes) { Error = 1 };
        await DeployAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Verifier().VerifyAsync(cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.VerificationFailed));
        Assert.That(failure.What, Is.EqualTo("Bytes received 201326593 of 201326592, 0 out of order: 1 bytes too many arrived."));
        Assert.That(failure.Message, Does.Contain($"--- {ServerPod}, last lines").And.Contain("Bytes received: 201326593"));
    }

    [Test]
    public async Task Without_progress_it_gives_up_and_says_how_far_it_was(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(8) } };
        var service = Simulate();
        service.Pause();
        await DeployReadyAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Verifier().VerifyAsync(cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.VerificationFailed));
        Assert.That(failure.What, Does.StartWith("No progress for 0:08 (verify.deadlineSeconds); Bytes received unknown of 201326592"));
    }

    [Test]
    public async Task A_pattern_is_awaited_in_any_instances_lines(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Kind = VerifyKind.LogPattern, Pattern = "Received 6\\d MB" } };
        Simulate();
        await DeployAsync(cancellation);

        Assert.That((await Verifier().VerifyAsync(cancellation)).Summary, Is.EqualTo($"{Server} printed: Service Received 64 MB so far"));
    }

    [Test]
    public async Task With_nothing_to_verify_running_is_enough(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Kind = VerifyKind.None } };
        await DeployAsync(cancellation);

        Assert.That((await Verifier().VerifyAsync(cancellation)).Summary, Is.EqualTo("2 instances run (verify.kind is none)"));
    }

    [Test]
    public async Task Where_nothing_is_deployed_it_says_how_to(CancellationToken cancellation)
    {
        Cluster.State.CreateNamespace(Ns);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Verifier().VerifyAsync(cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.RunNotFound));
        Assert.That(failure.Remedy, Does.Contain("--target=Deploy"));
    }

    [Test]
    public async Task Without_the_right_to_read_logs_it_says_so_at_once(CancellationToken cancellation)
    {
        Simulate();
        await DeployReadyAsync(cancellation);
        var user = Cluster.AddUser("viewer");
        Cluster.Access.AllowOnly("viewer", new AccessRule("get,list,watch", "statefulsets.apps,pods,persistentvolumeclaims", Ns));
        Act(user);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Verifier().VerifyAsync(cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.ClusterForbidden));
        Assert.That(failure.Message, Does.Contain("pods/log").Or.Contain("subresource").Or.Contain("cannot get resource"));
    }

    [Test]
    public async Task No_kubectl_call_goes_without_kubeconfig_context_and_namespace(CancellationToken cancellation)
    {
        Simulate();
        await DeployAsync(cancellation);
        await Verifier().VerifyAsync(cancellation);

        Assert.That(Journal.Records, Is.Not.Empty);
        Assert.That(
            Journal.Records.Select(record => record.CommandLine), Has.All.Contains($"--kubeconfig {Access.Kubeconfig} --context emulator --namespace {Ns} "));
    }

    private KubernetesVerifier Verifier() => new(SettingsProvider, Roles.Access, Rollout(), Services, Report);
}
