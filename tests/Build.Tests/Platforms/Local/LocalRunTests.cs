using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Immortality;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
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

    private sealed class StepByStep(Action step) : IRunObserver
    {
        public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line) => step();
    }
}
