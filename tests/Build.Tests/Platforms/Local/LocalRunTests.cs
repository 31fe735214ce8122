using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Immortality;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

[CancelAfter(20_000)]
public sealed class LocalRunTests
{
    private static readonly string[] Finish = ["Bytes received: 104857600", "Out of order: 0", "DONE"];

    private TemporaryDirectory _directory = null!;
    private RecordingConsole _console = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _console = new RecordingConsole();
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task It_ends_when_job_and_server_are_done_and_stops_what_it_started(CancellationToken cancellation)
    {
        var instances = new FakeInstances(Work);

        var progress = await Run(instances, cancellation);

        Assert.That(OracleVerdict.Judge(progress, 100L << 20).Holds, Is.True);
        Assert.That(instances.Started.Select(instance => instance.Name), Is.EqualTo(new[] { TestSettings.Server, TestSettings.Job }));
        Assert.That(instances.Started.All(instance => instance.WasStopped), Is.True);
        Assert.That(Record().State, Is.EqualTo(RunState.Done));
        Assert.That(File.ReadAllLines(Directory.Output(TestSettings.Server)), Does.Contain("Out of order: 0"));
    }

    [Test]
    public async Task A_killed_instance_is_started_again(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            if (instance is { Name: TestSettings.Server, Life: 1 })
                instance.End(137);
            else
                Work(instance);
        });

        await Run(instances, cancellation);

        Assert.That(instances.Started.Count(instance => instance.Name == TestSettings.Server), Is.EqualTo(2));
        Assert.That(_console.Lines, Does.Contain("perftestserver: ended (exit code 137), restarted at once"));
    }

    [Test]
    public async Task An_exit_that_needs_a_person_ends_the_run_with_the_coordinators_own_words(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            instance.Say("[coordinator] ERROR AMB5103: The log directory is locked.", "[coordinator]   fix: stop the other run");
            if (instance.Name == TestSettings.Server)
                instance.End(78);
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.InstanceFailed));
        Assert.That(error.Message, Does.Contain("AMB5103: The log directory is locked.").And.Contain("fix: stop the other run"));
        Assert.That(instances.Started.All(instance => instance.Exit.IsCompleted), Is.True);
        Assert.That(Record().State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task An_error_of_a_coordinator_that_goes_on_is_told_once(CancellationToken cancellation)
    {
        const string error = "AMB5110: perftestserver asks for messages that it had acknowledged before.";
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name == TestSettings.Job)
                instance.Say($"[coordinator] ERROR {error}", $"[coordinator] ERROR {error}");
            Work(instance);
        });

        await Run(instances, cancellation);

        Assert.That(_console.Lines, Has.One.EqualTo($"{TestSettings.Job}: {error}"));
    }

    [Test]
    public async Task An_app_that_ends_at_once_is_given_up_with_its_last_lines(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name != TestSettings.Job)
                return;
            instance.Say("cannot load my library", "[coordinator] ERROR AMB5109: The app exited with code 3.");
            instance.End(75);
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.InstanceFailed));
        Assert.That(error.Message, Does.Contain("cannot load my library").And.Contain("cause:  AMB5109: The app exited"));
        Assert.That(instances.Started.Count(instance => instance.Name == TestSettings.Job), Is.EqualTo(RestartPolicy.GiveUpAfter));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows keeps a directory whose files are open")]
    public async Task A_directory_that_cannot_be_written_ends_the_run_by_its_name(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name == TestSettings.Job)
                System.IO.Directory.Delete(Directory.Path, recursive: true);
            instance.BecomeReady();
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.InstanceFailed));
        Assert.That(error.What, Does.Contain("cannot be written").And.Contain(Directory.Path));
        Assert.That(instances.Started.All(instance => instance.Exit.IsCompleted), Is.True);
    }

    [Test]
    public async Task Without_progress_the_deadline_ends_it(CancellationToken cancellation)
    {
        var settings = TestSettings.With(verify => verify with { Deadline = TimeSpan.FromMilliseconds(1) });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(new FakeInstances(_ => { }), cancellation, settings)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.VerificationFailed));
    }

    [Test]
    public async Task Ctrl_c_stops_every_instance_and_the_record_says_so(CancellationToken cancellation)
    {
        using var user = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            if (instance.Name == TestSettings.Job)
                user.Cancel();
        });

        await Assert.CatchAsync<OperationCanceledException>(() => Run(instances, user.Token));

        await Task.WhenAll(instances.Started.Select(instance => instance.Exit)).WaitAsync(cancellation);
        Assert.That(instances.Started.All(instance => instance.WasStopped), Is.True);
        Assert.That(Record().State, Is.EqualTo(RunState.Stopped));
    }

    [Test]
    public async Task A_pattern_in_any_instances_output_ends_the_run(CancellationToken cancellation)
    {
        var settings = TestSettings.With(verify => verify with { Kind = VerifyKind.LogPattern, Pattern = "sum is [0-9]+" });
        var instances = new FakeInstances(instance => instance.Say("the sum is 42"));

        await Run(instances, cancellation, settings);

        Assert.That(RunOutput.RequirePattern(Directory, settings), Does.EndWith("printed: the sum is 42"));
    }

    [Test]
    public async Task Kills_wait_for_work_and_recovery_and_are_all_made(CancellationToken cancellation)
    {
        var schedule = KillSchedule.Plan(4, 7, 100L << 20);
        FakeInstance? server = null;
        FakeInstance? job = null;
        var received = 0;
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name == TestSettings.Server)
                server = instance;
            else
                job = instance;
            instance.BecomeReady();
        });
        var killer = new Killer(schedule, instances, _console, TimeProvider.System);

        // The work goes on by one step at each look of the loop while both live.
        var worker = new StepByStep(() =>
        {
            if (server is not { Exit.IsCompleted: false } || job is not { Exit.IsCompleted: false } || received >= 100)
                return;
            server.Say($"Service Received {++received} MB so far");
            if (received == 100)
            {
                server.Say(Finish);
                job.Say("DONE");
            }
        });

        var progress = await Run(instances, cancellation, observers: [killer, worker]);

        Assert.That(progress.BytesReceived, Is.EqualTo(100L << 20));
        Assert.That(killer.Recoveries, Has.Count.EqualTo(4));
        Assert.That(killer.Recoveries, Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That(instances.Started, Has.Count.EqualTo(2 + 4));
        Assert.That(_console.Lines.Count(line => line.Contains("recovered in", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public async Task What_becomes_ready_and_dies_without_progress_is_spaced_out_and_given_up(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            if (instance.Name == TestSettings.Job)
                instance.End(75);
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Message, Does.Contain("5 times in a row without getting anywhere"));
        Assert.That(instances.Started.Count(instance => instance.Name == TestSettings.Job), Is.EqualTo(RestartPolicy.GiveUpAfter));
        Assert.That(
            _console.Lines.Where(line => line.Contains("ended", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(',', StringComparison.Ordinal) + 2)..]),
            Is.EqualTo(new[] { "restarted at once", "restarted in 0.2 s", "restarted in 0.5 s", "restarted in 1.0 s" }));
    }

    [Test]
    public async Task What_dies_again_and_again_but_works_in_between_is_restarted_at_once_each_time(CancellationToken cancellation)
    {
        var received = 0;
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            if (instance.Name == TestSettings.Job)
                return;
            instance.Say($"Service Received {++received} MB so far");
            if (received < 10)
                instance.End(75);
            else
                instance.Say(Finish);
        });
        var job = new StepByStep(() =>
        {
            if (received == 10)
                instances.Started.Last(instance => instance.Name == TestSettings.Job).Say("DONE");
        });

        await Run(instances, cancellation, observers: [job]);

        Assert.That(instances.Started.Count(instance => instance.Name == TestSettings.Server), Is.EqualTo(10));
        Assert.That(_console.Lines.Count(line => line.EndsWith("restarted at once", StringComparison.Ordinal)), Is.EqualTo(9));
    }

    [Test]
    public async Task Kills_of_our_own_are_no_failures(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            if (instance.Life > 8)
                Work(instance);
        });
        var killer = new EveryLife(instances, 8);

        await Run(instances, cancellation, observers: [killer]);

        Assert.That(instances.Started, Has.Count.EqualTo(2 * 9));
        Assert.That(_console.Lines.Count(line => line.EndsWith("restarted at once", StringComparison.Ordinal)), Is.EqualTo(16));
    }

    [Test]
    public async Task Becoming_ready_again_does_not_put_off_the_deadline(CancellationToken cancellation)
    {
        var settings = TestSettings.With(verify => verify with { Deadline = TimeSpan.FromSeconds(1) });
        var instances = new FakeInstances(instance => instance.BecomeReady());

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation, settings, [new EveryLife(instances, int.MaxValue)])))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.VerificationFailed));
    }

    [Test]
    public async Task A_victim_that_died_by_itself_is_no_kill(CancellationToken cancellation)
    {
        var schedule = new[] { new PlannedKill(1, VictimKind.ServerCoordinator, 0) };
        var table = Substitute.For<IProcessTable>();
        table.Kill(Arg.Any<ProcessIdentity>()).Returns(false);
        var killer = new Killer(schedule, table, _console, TimeProvider.System);
        var instances = new FakeInstances(Work);

        await Run(instances, cancellation, observers: [killer]);

        table.ReceivedWithAnyArgs().Kill(default!);
        Assert.That(killer.Kills, Is.Zero);
        Assert.That(_console.Lines, Has.None.Contains("SIGKILL"));
    }

    [Test]
    public async Task An_instance_that_cannot_be_stopped_does_not_hide_the_outcome_or_keep_the_others(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name == TestSettings.Server)
                instance.OnStop = () => throw new TimeoutException("stuck in the kernel");
            else
                instance.End(78);
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Message, Does.Contain("needs a person"));
        Assert.That(_console.Lines, Has.Some.StartsWith("warning: perftestserver").And.Some.Contains("stuck in the kernel"));
        Assert.That(Record().State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task Output_that_an_instance_prints_while_it_ends_is_kept_however_much_it_is(CancellationToken cancellation)
    {
        const int lines = 30_000;
        var instances = new FakeInstances(instance =>
        {
            Work(instance);
            instance.OnStop = () => Task.Run(() => instance.Say([.. Enumerable.Range(0, lines).Select(line => $"last words {line}")]), cancellation);
        });

        await Run(instances, cancellation);

        Assert.That(
            File.ReadLines(Directory.Output(TestSettings.Server)).Count(line => line.StartsWith("last words", StringComparison.Ordinal)), Is.EqualTo(lines));
    }

    [Test]
    public async Task A_flood_of_output_holds_the_instance_up_and_loses_nothing(CancellationToken cancellation)
    {
        const int lines = 50_000;
        var flood = Task.CompletedTask;
        var instances = new FakeInstances(instance =>
        {
            if (instance.Name == TestSettings.Job)
            {
                // As a child's output does, it comes from another thread than the loop's, which may not wait for itself.
                _ = Task.Run(() => Work(instance), cancellation);
                return;
            }

            flood = Task.Run(
                () =>
                {
                    instance.Say([.. Enumerable.Range(0, lines).Select(line => $"flood {line}")]);
                    Work(instance);
                },
                cancellation);
        });

        await Run(instances, cancellation);
        await flood;

        Assert.That(
            File.ReadLines(Directory.Output(TestSettings.Server)).Count(line => line.StartsWith("flood", StringComparison.Ordinal)), Is.EqualTo(lines));
    }

    [Test]
    public async Task Where_the_record_cannot_be_written_the_run_ends_with_that_and_leaves_nothing_running(CancellationToken cancellation)
    {
        var instances = new FakeInstances(instance =>
        {
            instance.BecomeReady();
            // In its way: not even root can write a file where a directory is.
            System.IO.Directory.CreateDirectory(Path.Combine(Directory.Path, "run.json.new"));
        });

        var error = (await Assert.ThrowsAsync<BuildException>(() => Run(instances, cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.InstanceFailed));
        Assert.That(error.What, Is.EqualTo($"The run's directory cannot be written: {Directory.Path}."));
        Assert.That(instances.Started, Is.Not.Empty);
        Assert.That(instances.Started.All(instance => instance.Exit.IsCompleted), Is.True);
        Assert.That(_console.Lines, Has.One.StartsWith("warning: The record of run"));
    }

    [Test]
    public async Task A_half_line_of_a_run_that_was_killed_stays_a_line_of_its_own(CancellationToken cancellation)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Directory.Output(TestSettings.Server))!);
        await File.WriteAllTextAsync(Directory.Output(TestSettings.Server), "whole\nService Received 7", cancellation);

        await Run(new FakeInstances(Work), cancellation);

        Assert.That(
            File.ReadLines(Directory.Output(TestSettings.Server)).Take(3),
            Is.EqualTo(new[] { "whole", "Service Received 7", "[coordinator] App started: pid 1003" }));
    }

    private RunDirectory Directory => new(_directory["run"]);

    private RunRecord Record() => RunStore.Read(Directory)!;

    private static void Work(FakeInstance instance)
    {
        instance.BecomeReady();
        if (instance.Name == TestSettings.Server)
            instance.Say([.. Finish.Prepend("Service Received 100 MB so far")]);
        else
            instance.Say("*X* 65536\t0.5", "*X* 32768\t0.4", "DONE");
    }

    private async Task<WorkProgress> Run(
        FakeInstances instances, CancellationToken cancellation, BuildSettings? settings = null, IReadOnlyList<IRunObserver>? observers = null)
    {
        System.IO.Directory.CreateDirectory(Directory.Path);
        var services = new RunServices(new BuildPaths(_directory.Path), instances, instances, _console, TimeProvider.System);
        var plan = new RunPlan("Deploy", Directory, settings ?? TestSettings.PerformanceTest, WorkProgress.None);
        return await new LocalRun(plan, services, [new(1, 2, 3, 4), new(5, 6, 7, 8)], observers ?? []).RunAsync(cancellation);
    }

    /// <summary>Kills each instance as soon as it is ready, in so many of its lives.</summary>
    private sealed class EveryLife(FakeInstances instances, int lives) : IRunObserver
    {
        public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line)
        {
            if (instance is not { IsReady: true, Coordinator: { } coordinator } || instance.Life > lives || !instances.Kill(coordinator))
                return;
            instance.Killed();
        }
    }

    private sealed class StepByStep(Action step) : IRunObserver
    {
        public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line) => step();
    }
}
