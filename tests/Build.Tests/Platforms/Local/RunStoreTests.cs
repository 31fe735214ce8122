using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class RunStoreTests
{
    private TemporaryDirectory _directory = null!;
    private RunStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _store = new RunStore(new BuildPaths(_directory.Path), TimeProvider.System);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void What_is_written_is_read()
    {
        var run = _store.Create();
        var record = Record(run, DateTimeOffset.UnixEpoch);

        RunStore.Write(run, record);

        var read = _store.All().Single().Record;
        Assert.That(read.Instances.Single(), Is.EqualTo(record.Instances.Single()));
        Assert.That(read with { Instances = record.Instances }, Is.EqualTo(record));
    }

    [Test]
    public void Runs_come_in_the_order_of_their_start()
    {
        var (first, second) = (_store.Create(), _store.Create());
        RunStore.Write(first, Record(first, DateTimeOffset.UnixEpoch.AddDays(1)));
        RunStore.Write(second, Record(second, DateTimeOffset.UnixEpoch));

        Assert.That(_store.All().Select(run => run.Directory), Is.EqualTo(new[] { second, first }));
    }

    [TestCase(RunState.Running, true, true)]
    [TestCase(RunState.Running, false, false)]
    [TestCase(RunState.Done, true, false)]
    public void The_current_run_is_the_one_in_progress_or_else_the_last(RunState state, bool alive, bool firstIsCurrent)
    {
        var (first, second) = (_store.Create(), _store.Create());
        RunStore.Write(first, Record(first, DateTimeOffset.UnixEpoch) with { State = state });
        RunStore.Write(second, Record(second, DateTimeOffset.UnixEpoch.AddDays(1)));

        Assert.That(_store.Current(_ => alive).Select(run => run.Directory), Is.EqualTo(new[] { firstIsCurrent ? first : second }));
    }

    [Test]
    public void A_record_that_cannot_be_read_is_no_run()
    {
        var run = _store.Create();
        File.WriteAllText(Path.Combine(run.Path, "run.json"), "{ half");

        Assert.That(_store.All(), Is.Empty);
    }

    [Test]
    public void This_process_is_alive_and_another_start_time_is_another_process()
    {
        var self = ProcessIdentity.Current;

        Assert.That(self.IsAlive, Is.True);
        Assert.That((self with { StartTicks = self.StartTicks - TimeSpan.TicksPerHour }).IsAlive, Is.False);
    }

    private static RunRecord Record(RunDirectory run, DateTimeOffset started) => new()
    {
        Id = run.Id,
        Target = "Deploy",
        State = RunState.Done,
        Started = started,
        Ended = started.AddSeconds(1),
        Suite = new ProcessIdentity(1, 2),
        Instances = [new InstanceRecord { Name = "one", Ports = new InstancePorts(1, 2, 3, 4), Restarts = 3 }],
        ExpectedBytes = 10,
        ReceivedBytes = 10,
        OutOfOrder = 0,
    };
}
