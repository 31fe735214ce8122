using System.Diagnostics;
using System.Globalization;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Tests.Reporting;
using Cake.Core.IO;
using Cake.Core.Tooling;
using NSubstitute;
using NUnit.Framework;
using ProcessRunner = Ambrosia.Build.Cli.ProcessRunner;

namespace Ambrosia.Build.Tests.Cli;

[Platform("Unix")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProcessRunnerTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly RecordingLog _log = new();
    private readonly SecretMask _mask = new();
    private readonly CommandJournal _journal = new();
    private readonly IToolLocator _tools = Substitute.For<IToolLocator>();
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private readonly ProcessRunner _runner;

    public ProcessRunnerTests() => _runner = new ProcessRunner(_log, _tools, _mask, _journal, TimeProvider.System);

    public void Dispose()
    {
        _runner.Dispose();
        _deadline.Dispose();
    }

    [Test]
    public async Task Arguments_reach_the_child_as_they_are()
    {
        string[] arguments = ["", "two words", "a\"b", "it's", "$HOME", "*", "\\", "ü", "a\nb"];
        var result = await RunAsync(new ProcessRequest("/bin/sh", ["-c", "for a; do printf '<%s>' \"$a\"; done", "sh", .. arguments]));
        Assert.That(result.StandardOutput, Is.EqualTo(string.Concat(arguments.Select(a => $"<{a}>"))));
    }

    [Test]
    public async Task Standard_input_is_fed_and_then_closed()
    {
        var text = new string('x', 1 << 20) + "ü\n";
        var result = await RunAsync(new ProcessRequest("/bin/cat", []) { StandardInput = text });
        Assert.That(result.StandardOutput, Is.EqualTo(text));
    }

    [Test]
    public async Task Without_standard_input_the_child_reads_its_end()
    {
        var result = await RunAsync(new ProcessRequest("/bin/cat", []));
        Assert.That(result.StandardOutput, Is.Empty);
    }

    [Test]
    public async Task A_child_that_does_not_read_its_input_does_no_harm()
    {
        var result = await RunAsync(new ProcessRequest("/bin/true", []) { StandardInput = new string('x', 1 << 20) });
        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Environment_is_added_and_removed()
    {
        var result = await RunAsync(Shell("echo \"$ADDED-${HOME-gone}\"") with
        {
            Environment = new Dictionary<string, string?> { ["ADDED"] = "here", ["HOME"] = null },
        });
        Assert.That(result.StandardOutput, Is.EqualTo("here-gone\n"));
    }

    [Test]
    public async Task The_working_directory_is_set()
    {
        var result = await RunAsync(Shell("pwd") with { WorkingDirectory = "/" });
        Assert.That(result.StandardOutput, Is.EqualTo("/\n"));
    }

    [Test]
    public async Task Lines_are_heard_as_they_come_and_captured_as_they_were()
    {
        var output = new List<string>();
        var error = new List<string>();
        var result = await RunAsync(Shell("printf 'a\\r\\nb\\rc\\n\\nd'; printf 'e\\n' >&2") with
        {
            OnOutputLine = output.Add,
            OnErrorLine = error.Add,
        });
        Assert.Multiple(() =>
        {
            Assert.That(output, Is.EqualTo(new[] { "a", "b", "c", "", "d" }));
            Assert.That(error, Is.EqualTo(new[] { "e" }));
            Assert.That(result.StandardOutput, Is.EqualTo("a\r\nb\rc\n\nd"));
            Assert.That(result.StandardError, Is.EqualTo("e\n"));
        });
    }

    [Test]
    public async Task A_failure_carries_the_tools_own_words()
    {
        var exception = (await Assert.ThrowsAsync<BuildException>(() => RunAsync(Shell("echo all >&2; echo broken >&2; exit 7"))))!;
        Assert.Multiple(() =>
        {
            Assert.That(exception.Code, Is.EqualTo(ErrorCode.ToolFailed));
            Assert.That(exception.Message, Is.EqualTo(
                "AMB2002: sh failed with exit code 7: /bin/sh -c 'echo all >&2; echo broken >&2; exit 7'\n  output: all\n          broken"));
        });
    }

    [Test]
    public async Task A_failure_can_be_the_callers_to_judge()
    {
        var result = await RunAsync(Shell("exit 7") with { ThrowOnFailure = false });
        Assert.That(result.ExitCode, Is.EqualTo(7));
    }

    [Test]
    public async Task A_signal_is_an_exit_code_above_128()
    {
        var result = await RunAsync(Shell("kill -9 $$") with { ThrowOnFailure = false });
        Assert.That(result.ExitCode, Is.EqualTo(137));
    }

    [Test]
    public async Task A_missing_program_says_what_to_install()
    {
        var exception = (await Assert.ThrowsAsync<BuildException>(() => RunAsync(new ProcessRequest("kubectl", []))))!;
        Assert.Multiple(() =>
        {
            Assert.That(exception.Code, Is.EqualTo(ErrorCode.ToolMissing));
            Assert.That(exception.Message, Does.Contain("kubectl was not found").And.Contains("install kubectl 1.31 or newer"));
        });
    }

    [Test]
    public void A_missing_absolute_path_is_a_missing_program()
    {
        var exception = Assert.Throws<BuildException>(() => _runner.Start(new ProcessRequest("/nowhere/Job", [])))!;
        Assert.That(exception.Message, Is.EqualTo("AMB2001: /nowhere/Job was not found.\n  fix:    build the service: ./build.sh --target=BuildImages"));
    }

    [Test]
    public async Task A_missing_working_directory_is_not_a_missing_program()
    {
        var exception = (await Assert.ThrowsAsync<BuildException>(() => RunAsync(Shell("true") with { WorkingDirectory = "/nowhere" })))!;
        Assert.That(exception.Message, Is.EqualTo("AMB2001: /bin/sh cannot start in /nowhere.\n  cause:  the directory does not exist"));
    }

    [Test]
    public async Task A_name_is_looked_up_by_cake()
    {
        _tools.Resolve(Arg.Is<IEnumerable<string>>(names => names.Contains("echoer"))).Returns(new FilePath("/bin/echo"));
        var result = await RunAsync(new ProcessRequest("echoer", ["hi"]));
        Assert.That(result.StandardOutput, Is.EqualTo("hi\n"));
    }

    [Test]
    public async Task A_path_that_depends_on_the_current_directory_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(new ProcessRequest("bin/echo", [])));

    [Test]
    public async Task A_command_is_logged_as_a_line_to_paste_and_kept_for_the_report()
    {
        await RunAsync(Shell("exit 3") with
        {
            ThrowOnFailure = false,
            Environment = new Dictionary<string, string?> { ["A"] = "b c" },
            StandardInput = "four",
        });
        const string line = "A='b c' /bin/sh -c 'exit 3'  # with 4 characters on standard input";
        Assert.Multiple(() =>
        {
            Assert.That(_log.Entries, Does.Contain(line));
            Assert.That(_journal.Records, Has.Count.EqualTo(1));
            Assert.That(_journal.Records[0].CommandLine, Is.EqualTo(line));
            Assert.That(_journal.Records[0].ExitCode, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task A_command_that_takes_long_is_told_while_it_runs()
    {
        using var directory = new TemporaryDirectory();
        var ending = directory["end"];
        var running = RunAsync(Shell($"until [ -e '{ending}' ]; do sleep 0.05; done") with { ToldAfter = TimeSpan.FromMilliseconds(1) });

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!_log.Entries.Any(entry => entry.StartsWith("No answer for 0.001 s, still waiting: /bin/sh -c ", StringComparison.Ordinal)))
            await timer.WaitForNextTickAsync(_deadline.Token);

        await File.WriteAllTextAsync(ending, "", _deadline.Token);
        Assert.That((await running).ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_timeout_ends_the_children_of_children()
    {
        var ids = new List<int>();
        var exception = (await Assert.ThrowsAsync<BuildException>(() => RunAsync(Family(ids) with { Timeout = TimeSpan.FromSeconds(1) })))!;
        Assert.That(exception.Message, Does.StartWith("AMB2003: sh did not end within 1 s and was killed."));
        Assert.That(ids, Has.Count.EqualTo(2));
        await AssertGoneAsync(ids);
    }

    [Test]
    public async Task A_cancellation_ends_the_children_of_children()
    {
        var ids = new List<int>();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
        var request = Family(ids);
        var running = _runner.RunAsync(request with { OnOutputLine = Listen(request, () => ids.Count == 2, cancellation.Cancel) }, cancellation.Token);
        Assert.That(async () => await running, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(ids, Has.Count.EqualTo(2));
        await AssertGoneAsync(ids);
    }

    [Test]
    public async Task A_cancelled_run_starts_nothing()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() => _runner.RunAsync(Shell("true"), new CancellationToken(canceled: true)));
        Assert.That(_log.Entries, Is.Empty);
    }

    [Test]
    public async Task A_grandchild_that_keeps_the_pipe_does_not_hold_us()
    {
        var ids = new List<int>();
        try
        {
            var result = await RunAsync(Shell("sleep 600 & echo $!; echo done") with { OnOutputLine = line => Remember(ids, line) });
            Assert.That(result.StandardOutput, Does.EndWith("done\n"));
        }
        finally
        {
            ids.ForEach(Kill);
        }
    }

    [Test]
    public async Task A_grandchild_that_keeps_talking_does_not_hold_us()
    {
        var ids = new List<int>();
        try
        {
            await RunAsync(Shell("while :; do echo x; done & echo pid $!") with { OnOutputLine = line => Remember(ids, line.Replace("pid ", "", StringComparison.Ordinal)) });
        }
        finally
        {
            ids.ForEach(Kill);
        }
    }

    [Test]
    public async Task A_listener_that_throws_ends_the_child()
    {
        var ids = new List<int>();
        var request = Family(ids);
        await Assert.ThrowsAsync<FormatException>(() => RunAsync(request with
        {
            OnOutputLine = Listen(request, () => ids.Count == 2, () => throw new FormatException("no")),
        }));
        await AssertGoneAsync(ids);
    }

    [Test]
    public async Task A_running_child_has_its_input_open_until_it_is_stopped()
    {
        var lines = new Lines();
        await using var child = _runner.Start(Shell("echo ready; read x; echo end of input; exec sleep 600") with { OnOutputLine = lines.Add });
        await lines.WaitForAsync("ready", _deadline.Token);
        Assert.That(child.Exit.IsCompleted, Is.False);
        Assert.That(child.Id, Is.GreaterThan(1));
        Assert.That(await child.StopAsync(Deadline), Is.EqualTo(143));
        Assert.That(lines.All, Does.Not.Contain("end of input"));
    }

    [Test]
    public async Task Stop_lets_the_child_end_in_its_own_way()
    {
        var lines = new Lines();
        await using var child = _runner.Start(
            Shell("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done") with { OnOutputLine = lines.Add });
        await lines.WaitForAsync("ready", _deadline.Token);
        Assert.That(await child.StopAsync(Deadline), Is.EqualTo(5));
        Assert.That(lines.All, Does.Contain("bye"));
    }

    [Test]
    public async Task Stop_kills_a_child_that_does_not_listen()
    {
        var lines = new Lines();
        await using var child = _runner.Start(Shell("trap '' TERM; echo ready; while :; do sleep 0.05; done") with { OnOutputLine = lines.Add });
        await lines.WaitForAsync("ready", _deadline.Token);
        Assert.That(await child.StopAsync(TimeSpan.FromMilliseconds(200)), Is.EqualTo(137));
    }

    [Test]
    public async Task Stop_ends_what_the_child_leaves_behind()
    {
        var ids = new List<int>();
        var family = Family(ids);
        var ready = new TaskCompletionSource();
        await using var child = _runner.Start(family with { OnOutputLine = Listen(family, () => ids.Count == 2, () => ready.TrySetResult()) });
        await ready.Task.WaitAsync(_deadline.Token);
        await child.StopAsync(Deadline);
        await AssertGoneAsync(ids);
    }

    [Test]
    public async Task Kill_ends_the_children_of_children()
    {
        var ids = new List<int>();
        var family = Family(ids);
        var ready = new TaskCompletionSource();
        await using var child = _runner.Start(family with { OnOutputLine = Listen(family, () => ids.Count == 2, () => ready.TrySetResult()) });
        await ready.Task.WaitAsync(_deadline.Token);
        child.KillTree();
        Assert.That(await child.Exit.WaitAsync(_deadline.Token), Is.EqualTo(137));
        await AssertGoneAsync(ids);
    }

    [Test]
    public async Task Kill_ends_the_children_that_are_just_being_started()
    {
        using var family = new GrowingFamily();
        await using var child = _runner.Start(Shell(family.Script));
        family.AwaitGrowth();
        child.KillTree();
        Assert.That(await child.Exit.WaitAsync(_deadline.Token), Is.EqualTo(137));
        await family.AssertGoneAsync();
    }

    [Test]
    public async Task Disposing_of_the_runner_ends_what_still_runs()
    {
        var child = _runner.Start(Shell("exec sleep 600"));
        _runner.Dispose();
        Assert.That(await child.Exit.WaitAsync(_deadline.Token), Is.EqualTo(137));
        await child.StopAsync(Deadline);
        child.KillTree();
        await child.DisposeAsync();
    }

    [Test]
    public async Task Supervised_children_notice_the_death_of_their_supervisor()
    {
        // A supervisor that is killed without a word: this very assembly, started as a program that holds one child.
        var lines = new Lines();
        var supervisor = _runner.Start(new ProcessRequest(
            Environment.ProcessPath!, ["exec", typeof(ProcessRunnerTests).Assembly.Location, TestProgram.HoldChild])
        {
            OnOutputLine = lines.Add,
        });
        await using var _ = supervisor;
        var id = int.Parse((await lines.WaitForAsync("child ", _deadline.Token))["child ".Length..], CultureInfo.InvariantCulture);
        Assert.That(IsAlive(id), Is.True);
        using (var process = Process.GetProcessById(supervisor.Id))
            process.Kill(entireProcessTree: false);
        await AssertGoneAsync([id]);
    }

    private Task<ProcessResult> RunAsync(ProcessRequest request) => _runner.RunAsync(request, _deadline.Token);

    private static ProcessRequest Shell(string script) => new("/bin/sh", ["-c", script]);

    /// <summary>A child with a child with a child; the ids of the two below are printed and put into <paramref name="ids"/>.</summary>
    private static ProcessRequest Family(List<int> ids) =>
        Shell("sh -c 'sleep 600 & echo $!; wait' & echo $!; wait") with { OnOutputLine = line => Remember(ids, line) };

    private static void Remember(List<int> ids, string line)
    {
        if (int.TryParse(line, CultureInfo.InvariantCulture, out var id))
            ids.Add(id);
    }

    private static Action<string> Listen(ProcessRequest request, Func<bool> condition, Action then) => line =>
    {
        request.OnOutputLine!(line);
        if (condition())
            then();
    };

    private async Task AssertGoneAsync(IEnumerable<int> ids)
    {
        foreach (var id in ids)
        {
            while (IsAlive(id))
            {
                if (_deadline.IsCancellationRequested)
                {
                    Kill(id);
                    Assert.Fail($"Process {id} outlived its parent.");
                }

                await Task.Delay(10);
            }
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !IsZombie(id);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>An orphan stays a zombie for as long as process 1 takes to notice.</summary>
    private static bool IsZombie(int id)
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // Gone.
        }
    }
}
