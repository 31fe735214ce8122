using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Viewing;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class StatusViewTests
{
    private static readonly DateTimeOffset Started = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static readonly RunRecord Running = new()
    {
        Id = "20260304T050607Z-abc123",
        Target = "Deploy",
        State = RunState.Running,
        Started = Started,
        Suite = new ProcessIdentity(10, 1),
        ExpectedBytes = 1610612736,
        ReceivedBytes = 402653184,
        Instances =
        [
            new InstanceRecord
            {
                Name = "perftestserver", Ports = new InstancePorts(41001, 41002, 41003, 41004), Ready = true, Restarts = 1,
                Coordinator = new ProcessIdentity(11, 1), App = new ProcessIdentity(12, 1),
            },
            new InstanceRecord
            {
                Name = "perftestclient", Ports = new InstancePorts(41005, 41006, 41007, 41008),
                Coordinator = new ProcessIdentity(13, 1),
            },
        ],
    };

    [Test]
    public void A_running_run_is_shown_with_its_processes() => Golden.Verify("Platforms/Local/Golden/status-running.txt", Show(Running, _ => true));

    [Test]
    public void A_run_whose_suite_is_gone_is_interrupted() => Golden.Verify("Platforms/Local/Golden/status-interrupted.txt", Show(Running, _ => false));

    [Test]
    public void A_run_that_is_done_shows_its_total() => Golden.Verify(
        "Platforms/Local/Golden/status-done.txt",
        Show(
            Running with
            {
                State = RunState.Done,
                Ended = Started.AddSeconds(18),
                ReceivedBytes = 1610612736,
                OutOfOrder = 0,
                Instances = [.. Running.Instances.Select(instance => instance with { Coordinator = null, App = null, Ready = false })],
            },
            _ => false));

    [Test]
    public void Without_a_run_it_says_how_to_start_one()
    {
        using var directory = new TemporaryDirectory();
        var console = new RecordingConsole();

        new StatusView(new RunStore(new BuildPaths(directory.Path), TimeProvider.System), new FakeInstances(_ => { }), console).Show();

        Assert.That(console.Text, Is.EqualTo("Status: no run yet. Start one with ./build.sh\n"));
    }

    private static string Show(RunRecord record, Func<ProcessIdentity, bool> isAlive) =>
        string.Join('\n', StatusView.Describe(new RunDirectory("/checkout/artifacts/local/" + record.Id), record, isAlive)) + "\n";
}
