using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Local.Cleaning;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

[CancelAfter(20_000)]
public sealed class LocalCleanerTests
{
    private TemporaryDirectory _directory = null!;
    private BuildPaths _paths = null!;
    private RunStore _store = null!;
    private IProcessTable _processes = null!;
    private IDeferredRemoval _removal = null!;
    private RecordingConsole _console = null!;
    private LocalCleaner _cleaner = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _paths = new BuildPaths(_directory.Path);
        _store = new RunStore(_paths, TimeProvider.System);
        _processes = Substitute.For<IProcessTable>();
        _removal = Substitute.For<IDeferredRemoval>();
        _console = new RecordingConsole();
        _cleaner = new LocalCleaner(_paths, _store, _processes, _removal, _console, TimeProvider.System);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [TestCase(CleanScope.All, true, true, true)]
    [TestCase(CleanScope.Most, true, true, true)]
    [TestCase(CleanScope.Logs, true, true, false)]
    [TestCase(CleanScope.Auth, false, false, false)]
    public void Each_scope_removes_what_it_says(CleanScope scope, bool stop, bool runs, bool artifacts)
    {
        var plan = CleanPlan.For(scope);

        Assert.That((plan.StopRuns, plan.RemoveRuns, plan.RemoveArtifacts), Is.EqualTo((stop, runs, artifacts)));
    }

    [Test]
    public async Task A_supervised_run_is_ended_through_its_suite(CancellationToken cancellation)
    {
        var record = WriteRun(RunState.Running);
        var alive = true;
        _processes.IsAlive(Arg.Any<ProcessIdentity>()).Returns(_ => alive);
        _processes.When(table => table.Terminate(record.Suite)).Do(_ => alive = false);

        await _cleaner.StopRunsAsync(CleanScope.Logs, cancellation);

        _processes.Received(1).Terminate(record.Suite);
        _processes.DidNotReceive().Terminate(record.Instances[0].Coordinator!);
    }

    [Test]
    public async Task A_suite_that_has_recorded_its_end_may_still_write_its_report(CancellationToken cancellation)
    {
        var record = WriteRun(RunState.Running);
        var (directory, _) = _store.All().Single();
        var looks = int.MaxValue;
        var killed = false;
        _processes.IsAlive(record.Suite).Returns(_ => looks-- > 0);
        _processes.When(table => table.Terminate(record.Suite)).Do(_ =>
        {
            RunStore.Write(directory, record with { State = RunState.Stopped, Instances = [] });
            looks = 5;
        });
        _processes.When(table => table.Kill(record.Suite)).Do(_ => killed = looks > 0);

        await _cleaner.StopRunsAsync(CleanScope.Logs, cancellation);

        Assert.That(looks, Is.LessThanOrEqualTo(0));
        Assert.That(killed, Is.False);
    }

    [Test]
    public async Task Instances_whose_suite_is_gone_are_ended_themselves(CancellationToken cancellation)
    {
        var record = WriteRun(RunState.Running);
        var coordinator = record.Instances[0].Coordinator!;
        var alive = true;
        _processes.IsAlive(coordinator).Returns(_ => alive);
        _processes.When(table => table.Terminate(coordinator)).Do(_ => alive = false);

        await _cleaner.StopRunsAsync(CleanScope.All, cancellation);

        _processes.Received(1).Terminate(coordinator);
        _processes.DidNotReceive().Terminate(record.Suite);
    }

    [Test]
    public async Task A_suite_that_still_writes_its_report_is_awaited_not_killed(CancellationToken cancellation)
    {
        var record = WriteRun(RunState.Done);
        var looks = 0;
        _processes.IsAlive(record.Suite).Returns(_ => ++looks < 5);

        await _cleaner.StopRunsAsync(CleanScope.All, cancellation);

        _processes.Received(1).Terminate(record.Suite);
        Assert.That(_processes.IsAlive(record.Suite), Is.False);
        Assert.That(looks, Is.GreaterThanOrEqualTo(5));
    }

    [Test]
    public async Task What_does_not_run_is_not_touched(CancellationToken cancellation)
    {
        WriteRun(RunState.Done);

        var outcome = await _cleaner.StopRunsAsync(CleanScope.Logs, cancellation);

        Assert.That(outcome.Summary, Is.EqualTo("nothing is running"));
        _processes.DidNotReceiveWithAnyArgs().Terminate(default!);
        _processes.DidNotReceiveWithAnyArgs().Kill(default!);
    }

    [Test]
    public async Task Logs_removes_the_runs_and_nothing_else(CancellationToken cancellation)
    {
        WriteRun(RunState.Done);

        await _cleaner.RemoveRunsAsync(CleanScope.Logs, cancellation);
        _cleaner.RemoveArtifacts(CleanScope.Logs);

        Assert.That(Directory.Exists(_paths.LocalRuns), Is.False);
        Assert.That(Directory.Exists(_paths.Artifacts), Is.True);
        _removal.DidNotReceiveWithAnyArgs().RemoveAtExit(default!);
    }

    [Test]
    public void All_leaves_artifacts_to_be_removed_at_exit()
    {
        _cleaner.RemoveArtifacts(CleanScope.All);

        _removal.Received(1).RemoveAtExit(_paths.Artifacts);
    }

    [Test]
    public async Task Auth_removes_nothing(CancellationToken cancellation)
    {
        WriteRun(RunState.Done);

        await _cleaner.RemoveRunsAsync(CleanScope.Auth, cancellation);
        _cleaner.RemoveArtifacts(CleanScope.Auth);

        Assert.That(_store.All(), Has.Count.EqualTo(1));
        _removal.DidNotReceiveWithAnyArgs().RemoveAtExit(default!);
    }

    private RunRecord WriteRun(RunState state)
    {
        var run = _store.Create();
        var record = new RunRecord
        {
            Id = run.Id,
            Target = "Deploy",
            State = state,
            Started = DateTimeOffset.UnixEpoch,
            Suite = new ProcessIdentity(70001, 1),
            Instances =
            [
                new InstanceRecord
                {
                    Name = "one", Ports = new InstancePorts(1, 2, 3, 4), Coordinator = new ProcessIdentity(70002, 1), App = new ProcessIdentity(70003, 1),
                },
            ],
            ExpectedBytes = 1,
        };
        RunStore.Write(run, record);
        return record;
    }
}
