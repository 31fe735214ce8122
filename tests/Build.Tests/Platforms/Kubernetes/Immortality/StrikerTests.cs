using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Local;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Immortality;

public sealed class StrikerTests
{
    private static readonly ClusterAccess Access = new("/k", "kind-kind", "ambrosia");

    [TestCase("error: unexpected EOF\n")]
    [TestCase("error: error reading from error stream: read tcp 127.0.0.1:5: connection reset by peer\n")]
    [TestCase("error: Internal error occurred: error executing command in container\n")]
    public async Task An_exec_that_breaks_off_may_have_killed(string error) => Assert.That(await KillAsync(1, error), Is.True);

    [Test]
    public async Task Where_no_such_process_runs_there_is_nothing_to_kill() =>
        Assert.That(await KillAsync(2, "command terminated with exit code 2\n"), Is.False);

    [Test]
    public async Task A_server_that_is_not_there_is_a_failure()
    {
        var failure = await Assert.ThrowsAsync<BuildException>(() => KillAsync(1, "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n"));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.ClusterUnreachable));
    }

    [TestCase("Error from server: error dialing backend: dial tcp 10.0.0.4:10250: i/o timeout\n")]
    [TestCase("Error from server (Forbidden): pods \"x\" is forbidden: admission webhook \"no-exec\" denied the request: no shells here\n")]
    public async Task A_command_that_never_reached_the_container_has_killed_nothing(string error)
    {
        var failure = await Assert.ThrowsAsync<BuildException>(() => KillAsync(1, error));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.ClusterRequestFailed));
    }

    [Test]
    public async Task A_pod_is_deleted_after_all_its_processes_have_got_SIGKILL()
    {
        using var runner = new ScriptedProcessRunner(Kill(137, "", Naming.CoordinatorProgram, "Server"), Deletion);

        Assert.That(await StrikeAsync(runner, ClusterKillKind.Pod), Is.True);
    }

    [Test]
    public async Task A_pod_in_which_nothing_runs_just_then_is_not_deleted()
    {
        using var runner = new ScriptedProcessRunner(Kill(2, "command terminated with exit code 2\n", Naming.CoordinatorProgram, "Server"));

        Assert.That(await StrikeAsync(runner, ClusterKillKind.Pod), Is.False);
    }

    [Test]
    public async Task A_node_that_stays_cordoned_is_named_with_a_command_that_hits_no_other_cluster()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("kubectl", [.. Prefix, "--request-timeout=30s", "cordon", "node1"]) { ExitCode = 1, Error = "error: it broke\n" },
            new ScriptedCommand("kubectl", [.. Prefix, "--request-timeout=30s", "uncordon", "node1"]) { ExitCode = 1, Error = "error: it broke\n" });
        var mask = new SecretMask();
        var console = Substitute.For<IBuildConsole>();
        var striker = new Striker(new ClusterServices(new KubectlCli(runner, mask), runner, console, mask, TimeProvider.System), Access, "perftest");
        var victim = new WatchedInstance(TestSettings.PerformanceTest.Instances.First(instance => instance.Name == TestSettings.Server));

        await Assert.ThrowsAsync<BuildException>(() => striker.StrikeAsync(new ClusterKill(1, ClusterKillKind.Drain, OfJob: false, 0), victim, "node1", default));
        await striker.DisposeAsync();

        console.Received().Error(Arg.Is<string>(text => text.EndsWith("kubectl --kubeconfig /k --context kind-kind --namespace ambrosia uncordon node1", StringComparison.Ordinal)));
    }

    private static ScriptedCommand Deletion => new(
        "kubectl",
        [.. Prefix, "--request-timeout=30s", "delete", $"pod/{Naming.Pod(TestSettings.Server)}", "--grace-period=0", "--force", "--wait=false", "--ignore-not-found"]);

    private static string[] Prefix => ["--kubeconfig", "/k", "--context", "kind-kind", "--namespace", "ambrosia"];

    private static ScriptedCommand Kill(int exitCode, string error, params IEnumerable<string> programs) => new(
        "kubectl",
        [
            .. Prefix, "exec", Naming.Pod(TestSettings.Server), "--container", Naming.Container,
            "--", "bash", "-c", "pids=$(pidof \"$@\") || exit 2; kill -KILL $pids", "kill", .. programs,
        ])
    {
        ExitCode = exitCode,
        Error = error,
    };

    private static async Task<bool> KillAsync(int exitCode, string error)
    {
        using var runner = new ScriptedProcessRunner(Kill(exitCode, error, Naming.CoordinatorProgram));
        return await StrikeAsync(runner, ClusterKillKind.Coordinator);
    }

    private static async Task<bool> StrikeAsync(ScriptedProcessRunner runner, ClusterKillKind kind)
    {
        var mask = new SecretMask();
        var services = new ClusterServices(new KubectlCli(runner, mask), runner, Substitute.For<IBuildConsole>(), mask, TimeProvider.System);
        var victim = new WatchedInstance(TestSettings.PerformanceTest.Instances.First(instance => instance.Name == TestSettings.Server));
        await using var striker = new Striker(services, Access, "perftest");
        return await striker.StrikeAsync(new ClusterKill(1, kind, OfJob: false, 0), victim, null, default);
    }
}
