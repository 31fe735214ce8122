using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Viewing;
using Ambrosia.Emulators.Kubernetes.Api;
using Ambrosia.Emulators.Kubernetes.Pods;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

public sealed class LogsTests(int minor) : DeploymentFixture(minor)
{
    [Test]
    public async Task Lines_go_on_through_a_restart_and_a_replaced_pod_each_once(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = Logs().ShowAsync(new LogsOptions(null, Follow: true), ending.Token);
        Write("first life");
        await Screen.WaitForAsync($"{Job} | first life", cancellation);
        Write("last words");
        Cluster.State.EndContainer(Ns, JobPod);
        await Screen.WaitForAsync($"{Job}: its container ended (exit code 137) and was started again, restart 1", cancellation);
        await WriteWhenRunningAsync("second life", cancellation);
        await Screen.WaitForAsync($"{Job} | second life", cancellation);
        await Services.Kubectl.ForceDeletePodAsync(Access, JobPod, cancellation);
        await Screen.WaitForAsync($"{Job}: its pod was replaced", cancellation);
        await WriteWhenRunningAsync("third life", cancellation);
        await Screen.WaitForAsync($"{Job} | third life", cancellation);
        await ending.CancelAsync();

        Assert.That(async () => await following, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            Screen.Lines.Where(line => line.StartsWith($"{Job} | ", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "first life", "last words", "second life", "third life" }.Select(line => $"{Job} | {line}")));
    }

    [Test]
    public async Task A_cut_connection_loses_and_repeats_nothing(CancellationToken cancellation)
    {
        Cluster.Faults.Add(new Fault("GET", "/pods/[^/]+/log\\?", 3) { CutAfterBytes = 90 });
        await DeployReadyAsync(cancellation);
        for (var i = 0; i < 10; i++)
            Write($"line {i}");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = Logs().ShowAsync(new LogsOptions(Job, Follow: true), ending.Token);
        await Screen.WaitForAsync($"{Job} | line 9", cancellation);
        await ending.CancelAsync();

        Assert.That(async () => await following, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            Screen.Lines.Where(line => line.Contains(" | line ", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(0, 10).Select(i => $"{Job} | line {i}")));
    }

    [Test]
    public async Task That_the_last_lines_of_a_former_life_could_not_be_read_is_said(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        Cluster.State.EndContainer(Ns, JobPod);
        await WriteWhenRunningAsync("second life", cancellation, restarts: 1);
        Cluster.Faults.Add(new Fault("GET", "/log\\?.*previous=true") { Status = 500 });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = Logs().ShowAsync(new LogsOptions(Job, Follow: true), ending.Token);

        await Screen.WaitForAsync($"warning: {Job}: last lines of its former life may be missing: ", cancellation);
        await Screen.WaitForAsync($"{Job} | second life", cancellation);
        await ending.CancelAsync();
        Assert.That(async () => await following, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task An_instance_that_is_not_running_yet_is_waited_for(CancellationToken cancellation)
    {
        Cluster.Scenario.Set(Ns, "generated-perftestclient", new PodBehaviour.NeverStarts());
        await DeployAsync(cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = Logs().ShowAsync(new LogsOptions(Job, Follow: true), ending.Token);
        await Cluster.State.WaitForReadyPodAsync(Ns, ServerPod, cancellation);
        Cluster.Scenario.Clear(Ns, "generated-perftestclient");
        await WriteWhenRunningAsync("at last", cancellation);

        await Screen.WaitForAsync($"{Job} | at last", cancellation);
        await ending.CancelAsync();
        Assert.That(async () => await following, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Without_following_the_former_life_comes_before_the_present_one(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        Write("before");
        Cluster.State.EndContainer(Ns, JobPod);
        await WriteWhenRunningAsync("after", cancellation, restarts: 1);

        await Logs().ShowAsync(new LogsOptions(Job, Follow: false), cancellation);

        Assert.That(Screen.Lines, Is.EqualTo(new[] { $"{Job} | before", $"{Job} | after" }));
    }

    [Test]
    public async Task An_unknown_instance_is_refused_with_the_known_ones(CancellationToken cancellation)
    {
        var failure = (await Assert.ThrowsAsync<BuildException>(() => Logs().ShowAsync(new LogsOptions("nobody", Follow: false), cancellation)))!;

        Assert.That((failure.Code, failure.Remedy), Is.EqualTo((ErrorCode.InvalidArgumentValue, $"--instance={Server} or --instance={Job}")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Without_the_right_to_read_pods_it_says_so(bool follow, CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        var user = Cluster.AddUser("nobody");
        Cluster.Access.AllowOnly("nobody");
        Act(user);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Logs().ShowAsync(new LogsOptions(null, follow), cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.ClusterForbidden));
        Assert.That(failure.Message, Does.Contain("cannot list resource \"pods\""));
    }

    private KubernetesLogs Logs() => new(SettingsProvider, Roles.Access, Services);

    private void Write(string line) => Cluster.State.AppendLog(Ns, JobPod, line);

    private async Task WriteWhenRunningAsync(string line, CancellationToken cancellation, int? restarts = null)
    {
        await Cluster.State.WaitForAsync(
            state => state.Get<k8s.Models.V1Pod>(Ns, JobPod)?.Status?.ContainerStatuses?.FirstOrDefault() is { State.Running: not null } status
                && (restarts is null || status.RestartCount == restarts),
            cancellation: cancellation);
        Write(line);
    }
}
