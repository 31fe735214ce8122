using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class LogAndExecTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task A_log_is_followed_until_its_container_ends()
    {
        Cluster.OnContainerStarted = container =>
        {
            container.WriteLine($"life {container.Restarts}");
            return Task.CompletedTask;
        };
        await DeployAsync();
        using var logs = Kubectl.Start("logs", "-f", "--timestamps", "web-0");
        await logs.SawAsync("life 0");
        Cluster.State.AppendLog("ambrosia", "web-0", "second line");
        await logs.SawAsync("second line");
        Cluster.State.EndContainer("ambrosia", "web-0", 3);
        var result = await logs.EndAsync();
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>("ambrosia", "web-0")!.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        var previous = await Kubectl.RunAsync("logs", "--previous", "--tail=1", "web-0");
        var now = await Kubectl.RunAsync("logs", "statefulset/web");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z life 0\n\d{4}[^ ]* second line\n$"));
            Assert.That(previous.Output, Is.EqualTo("second line\n"));
            Assert.That(now.Output, Is.EqualTo("life 1\n"));
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Status.ContainerStatuses[0].LastState.Terminated.ExitCode, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task A_log_that_is_not_there_is_explained()
    {
        Cluster.Scenario.Set("ambrosia", "other", new PodBehaviour.ImagePullFailure("no such image"));
        await DeployAsync();
        (await ApplyAsync(Manifests.StatefulSet("other").ToJsonString())).Check();
        await Cluster.State.WaitForAsync(state => state.Get<V1Pod>("ambrosia", "other-0")?.Status.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff");
        var previous = await Kubectl.RunAsync("logs", "--previous", "web-0");
        var missing = await Kubectl.RunAsync("logs", "nope");
        var wrong = await Kubectl.RunAsync("logs", "web-0", "-c", "nope");
        var waiting = await Kubectl.RunAsync("logs", "other-0");
        Assert.Multiple(() =>
        {
            Assert.That(previous.Error, Is.EqualTo("Error from server (BadRequest): previous terminated container \"web\" in pod \"web-0\" not found\n"));
            Assert.That(missing.Error, Is.EqualTo("error: error from server (NotFound): pods \"nope\" not found in namespace \"ambrosia\"\n"));
            Assert.That(wrong.Error, Is.EqualTo("error: container nope is not valid for pod web-0\n"));
            Assert.That(waiting.Error, Is.EqualTo("Error from server (BadRequest): container \"web\" in pod \"other-0\" is waiting to start: trying and failing to pull image\n"));
        });
    }

    [Test]
    public async Task A_command_gets_its_input_and_gives_its_output_and_its_exit_code()
    {
        await DeployAsync();
        Cluster.OnExec = (call, _) => Task.FromResult(call.Command[0] switch
        {
            "cat" => new ExecResult(0, call.Stdin),
            "fail" => new ExecResult(3, "hi\n", "err\n"),
            _ => new ExecResult(0) { StartError = $"exec: \"{call.Command[0]}\": executable file not found in $PATH: unknown" },
        });
        var cat = await Kubectl.RunAsync(["exec", "-i", "web-0", "--", "cat"], "hello\n");
        var fail = await Kubectl.RunAsync("exec", "statefulset/web", "-c", "web", "--", "fail", "with space");
        var none = await Kubectl.RunAsync("exec", "web-0", "--", "no-such-command");
        var missing = await Kubectl.RunAsync("exec", "nope", "--", "true");
        Assert.Multiple(() =>
        {
            Assert.That(cat, Is.EqualTo(new KubectlResult(0, "hello\n", "")));
            Assert.That(fail, Is.EqualTo(new KubectlResult(3, "hi\n", "err\ncommand terminated with exit code 3\n")));
            Assert.That(none.ExitCode, Is.EqualTo(1));
            Assert.That(none.Error, Is.EqualTo("error: Internal error occurred: error executing command in container: exec: \"no-such-command\": executable file not found in $PATH: unknown\n"));
            Assert.That(missing.Error, Is.EqualTo("Error from server (NotFound): pods \"nope\" not found\n"));
            Assert.That(Cluster.Requests.Count(request => request.Path.EndsWith("/exec", StringComparison.Ordinal)), Is.EqualTo(3), "no upgrade was tried twice");
        });
    }

    [Test]
    public async Task A_kubelet_that_the_server_does_not_reach_is_named()
    {
        await DeployAsync();
        Cluster.OnExec = (_, _) => Task.FromResult(new ExecResult(0));
        Cluster.State.SetKubeletReachable("node1", false);
        var exec = await Kubectl.RunAsync("exec", "web-0", "--", "true");
        var logs = await Kubectl.RunAsync("logs", "web-0");
        Cluster.State.SetKubeletReachable("node1", true);
        var again = await Kubectl.RunAsync("exec", "web-0", "--", "true");
        Assert.Multiple(() =>
        {
            Assert.That((exec.ExitCode, logs.ExitCode, again.ExitCode), Is.EqualTo((1, 1, 0)), again.Error);
            Assert.That(exec.Error, Does.StartWith("error: Internal error occurred: error sending request: Post \"https://127.0.0.1:10250/exec/ambrosia/web-0/web"));
            Assert.That(logs.Error, Does.StartWith("Error from server: Get \"https://127.0.0.1:10250/containerLogs/ambrosia/web-0/web\": dial tcp 127.0.0.1:10250"));
            Assert.That(
                new[] { exec, logs }.Select(result => Build.Cli.Kubernetes.KubectlFailure.Of(result.Error).Kind),
                Has.All.EqualTo(Build.Cli.Kubernetes.KubectlFailureKind.NodeUnreachable));
        });
    }

    [Test]
    public async Task A_command_whose_client_goes_is_cancelled()
    {
        await DeployAsync();
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        Cluster.OnExec = async (_, cancellation) =>
        {
            started.SetResult();
            await using var registration = cancellation.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, cancellation);
            return new ExecResult(0);
        };
        using (Kubectl.Start("exec", "web-0", "--", "sleep", "60"))
            await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
