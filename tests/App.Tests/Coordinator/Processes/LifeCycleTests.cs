using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>Starting, stopping, checkpoints, and who dies with whom.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class LifeCycleTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Node _node;

    public LifeCycleTests() => _node = new Node("srv", _directory);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task The_death_of_the_app_ends_the_coordinator_with_75()
    {
        var life = await _node.StartReadyAsync();
        await Life.SignalAsync("KILL", life.AppPid);

        Assert.That(await life.ExitAsync(), Is.EqualTo(75));
        Assert.That(life.Output, Does.Contain("[coordinator] ERROR AMB5109: "));
    }

    [Test]
    public async Task The_end_of_the_apps_connection_ends_the_coordinator_with_75_and_its_process()
    {
        var life = _node.Start();
        using (var app = await RawApp.ConnectAsync(_node))
            app.Record();

        Assert.That(await life.ExitAsync(), Is.EqualTo(75));
        await Eventually.That(() => !Directory.Exists($"/proc/{life.AppPid}"), () => "the app lives");
    }

    [Test]
    public async Task The_death_of_the_coordinator_ends_a_real_app()
    {
        _node.App = [Program("Server"), "-c", "-j=job", "-s=srv", Text($"-rp={_node.SendPort}"), Text($"-sp={_node.ReceivePort}")];
        var life = _node.Start();
        await life.LineAsync("Ready: ");
        life.Process.Kill();

        await Eventually.That(() => !Directory.Exists($"/proc/{life.AppPid}"), () => "the app lives");
    }

    [Test]
    [Platform("Linux", Reason = "Only Linux has a signal for a parent's death.")]
    public async Task The_death_of_the_coordinator_ends_an_app_that_knows_nothing_of_it()
    {
        _node.App = ["sleep", "600"];
        var life = _node.Start();
        await life.LineAsync("App started: ");
        await Eventually.That(() => File.ReadAllText($"/proc/{life.AppPid}/comm") == "sleep\n", () => "the app did not become what it was to be");
        life.Process.Kill();

        await Eventually.That(() => !Directory.Exists($"/proc/{life.AppPid}"), () => "the app lives");
    }

    [Test]
    [Platform("Linux", Reason = "Execute permission is looked at on Linux alone.")]
    public async Task An_app_that_may_not_be_executed_is_named_before_anything_starts()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "no-program");
        await File.WriteAllTextAsync(file, "text");
        _node.App = [file];
        var life = _node.Start();

        Assert.That(await life.ExitAsync(), Is.EqualTo(78));
        Assert.That(life.Output, Does.Contain("cannot be started: it is not executable"));
    }

    [Test]
    public async Task An_app_that_exits_at_once_ends_the_coordinator_with_75_and_its_code()
    {
        _node.App = ["sh", "-c", "exit 7"];
        var life = _node.Start();

        Assert.That(await life.ExitAsync(), Is.EqualTo(75));
        Assert.That(life.Output, Does.Contain("ERROR AMB5109: The app exited with code 7."));
    }

    [Test]
    public async Task An_app_that_cannot_be_started_needs_a_person()
    {
        _node.App = [_directory["no-such-app"]];
        var life = _node.Start();

        Assert.That(await life.ExitAsync(), Is.EqualTo(78));
        Assert.That(life.Output, Does.Contain("ERROR AMB5109: ").And.Contain("no-such-app").And.Contain("  fix: "));
    }

    [Test]
    public async Task A_termination_takes_a_checkpoint_and_the_next_start_replays_nothing()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        driver.Note(1000);
        await driver.AllAcknowledgedAsync(() => life.Output);

        Assert.That(await life.StopAsync(), Is.Zero, life.Output);

        var next = await _node.StartReadyAsync();
        var status = await next.StatusAsync();
        Assert.That(status.GetProperty("replayedRecords").GetInt64(), Is.Zero);
        Assert.That(next.Ledger.Received(Driver.Name), Is.EqualTo(1000));
        Assert.That(next.Output, Does.Contain("[coordinator] Recovering: 0 log records to replay, epoch 2."));
        driver.Note(10);
        await Eventually.That(() => next.Ledger.Received(Driver.Name) == 1010, () => next.Output);
        Assert.That(next.Ledger.OutOfOrder, Is.Zero);
    }

    [Test]
    public async Task A_termination_under_load_loses_nothing()
    {
        await using var driver = new Driver(_node);
        for (var round = 0; round < 3; round++)
        {
            var life = await _node.StartReadyAsync();
            driver.Note(3000, payload: 1000);
            await driver.AcknowledgedAsync(driver.Sent - 2000, () => life.Output);
            Assert.That(await life.StopAsync(), Is.Zero, life.Output);
        }

        var last = await _node.StartReadyAsync();
        await Eventually.That(() => last.Ledger.Received(Driver.Name) == driver.Sent, () => last.Output);
        Assert.That((last.Ledger.OutOfOrder, driver.Fault), Is.EqualTo((0L, (string?)null)));
    }

    [Test]
    public async Task A_termination_before_there_is_an_app_is_clean()
    {
        var life = _node.Start();
        await life.LineAsync("App started");

        Assert.That(await life.StopAsync(), Is.Zero, life.Output);
    }

    [Test]
    public async Task A_supervised_coordinator_ignores_an_interrupt_and_stops_with_its_supervisor()
    {
        var life = await _node.StartReadyAsync("--supervised");
        await life.SignalAsync("INT");
        Assert.That((await life.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("primary"));
        life.Process.StandardInput.Close();

        Assert.That(await life.ExitAsync(), Is.Zero, life.Output);
        Assert.That(life.Output, Does.Contain("Stopped: the checkpoint holds everything"));
    }

    [Test]
    public async Task A_hanging_app_is_given_up_after_the_grace_period_and_nothing_is_lost()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync("--grace-period", "1");
        life.Ledger.Gate.Reset();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => life.Output);
        await life.SignalAsync("TERM");

        Assert.That(await life.ExitAsync(), Is.EqualTo(75));
        Assert.That(life.Output, Does.Contain("ERROR AMB5115: "));
        await life.EndAppAsync();
        var next = await _node.StartReadyAsync();
        Assert.That(next.Ledger.Received(Driver.Name), Is.EqualTo(100));
    }

    [Test]
    public async Task A_killed_coordinator_comes_back_in_place_at_once_time_after_time()
    {
        await using var driver = new Driver(_node);
        for (var round = 0; round < 5; round++)
        {
            var life = await _node.StartReadyAsync();
            driver.Note(200);
            await driver.AllAcknowledgedAsync(() => life.Output);
            await life.KillAsync();
        }

        var last = await _node.StartReadyAsync();
        Assert.That((last.Ledger.Received(Driver.Name), last.Ledger.OutOfOrder), Is.EqualTo((1000L, 0L)));
        Assert.That((await last.StatusAsync()).GetProperty("epoch").GetInt32(), Is.EqualTo(6));
    }

    [Test]
    public async Task The_trigger_size_takes_a_checkpoint_and_deletes_older_logs()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync("--trigger-size", "1");
        for (var checkpoints = 2; checkpoints <= 4; checkpoints++)
        {
            var wanted = checkpoints;
            driver.Note(600, payload: 2000);
            await driver.AllAcknowledgedAsync(() => life.Output);
            await Eventually.That(async () => (await life.StatusAsync()).GetProperty("checkpoints").GetInt64() == wanted, () => life.Output);
        }

        await Eventually.That(() => life.Ledger.Received(Driver.Name) == 1800, () => life.Output);

        await Eventually.That(
            () => Directory.GetFiles(_node.Log, "*.checkpoint").Length == 1 && Directory.GetFiles(_node.Log, "*.log").Length <= 2,
            () => string.Join('\n', Directory.GetFiles(_node.Log)));
        Assert.That(Directory.GetFiles(_node.Log, "*.log").Select(Path.GetFileName), Has.None.StartWith("00000000000000000000-"));
        await life.KillAsync();
        var next = await _node.StartReadyAsync();
        Assert.That((next.Ledger.Received(Driver.Name), next.Ledger.OutOfOrder), Is.EqualTo((1800L, 0L)));
    }

    [Test]
    public async Task Checkpoints_that_are_asked_for_one_upon_another_are_all_taken()
    {
        var life = await _node.StartReadyAsync();
        for (var round = 0; round < 20; round++)
        {
            var asked = await Task.WhenAll(life.CheckpointAsync(), life.CheckpointAsync(), life.CheckpointAsync()).WaitAsync(Eventually.Deadline);
            Assert.That(asked, Is.All.True, life.Output);
        }
    }

    [Test]
    public async Task A_state_of_64_mebibytes_survives()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        driver.Send(Ledger.Grow, Ledger.GrowArguments(64 << 20));
        await driver.AllAcknowledgedAsync(() => life.Output);
        Assert.That(await life.CheckpointAsync(), Is.True);
        await life.KillAsync();

        var next = await _node.StartReadyAsync();

        Assert.That((await next.StatusAsync()).GetProperty("replayedRecords").GetInt64(), Is.Zero);
        Assert.That(next.Ledger.BallastBytes.AsSpan().SequenceEqual(Ledger.Ballast(64 << 20)), Is.True);
    }

    [Test]
    public async Task Impulses_and_messages_to_self_are_logged_and_replayed()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        for (var round = 1; round <= 3; round++)
        {
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("self", 500, 100));
            for (var i = 0; i < 50; i++)
                life.Ledger.PostImpulse(Ledger.Event, []);
            var (notes, events) = (500 * round, 50 * round);
            await Eventually.That(() => (life.Ledger.Received("srv"), life.Ledger.Events) == (notes, events), () => $"{life.Ledger.Received("srv")} {life.Ledger.Events}\n{life.Output}");
            await life.KillAsync();
            life = await _node.StartReadyAsync();
            Assert.That((life.Ledger.Received("srv"), life.Ledger.Events, life.Ledger.OutOfOrder), Is.EqualTo((500L * round, 50L * round, 0L)));
        }
    }

    [Test]
    public async Task The_health_port_tells_the_state_at_each_stage()
    {
        var life = _node.Start();
        await life.LineAsync("App started");
        Assert.That(await GetAllAsync(life), Is.EqualTo(new[] { 200, 503, 503 }));
        Assert.That(await life.CheckpointAsync(), Is.False);
        Assert.That((await life.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("starting"));
        using var app = await RawApp.ConnectAsync(_node);
        app.Record();
        Assert.That(await GetAllAsync(life), Is.EqualTo(new[] { 200, 503, 503 }));
        app.Send("06 09 6869");
        app.Send("04 08 02 77");
        await life.LineAsync("Ready: ");
        Assert.That(await GetAllAsync(life), Is.EqualTo(new[] { 200, 200, 200 }));
        Assert.That(await life.GetAsync("nothing"), Is.EqualTo(404));
    }

    [Test]
    public async Task The_status_says_what_it_promises()
    {
        _node.WithPeer("far", Ports.Next());
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("far", 7, 10));
        await driver.AllAcknowledgedAsync(() => life.Output);
        JsonElement status = default;
        await Eventually.That(
            async () => (status = await life.StatusAsync()).GetProperty("peers").EnumerateArray().Any(peer => peer.GetProperty("unacknowledged").GetInt64() == 7),
            () => status.ToString());

        var peer = status.GetProperty("peers")[0];
        Assert.Multiple(() =>
        {
            Assert.That(status.GetProperty("instance").GetString(), Is.EqualTo("srv"));
            Assert.That(status.GetProperty("state").GetString(), Is.EqualTo("primary"));
            Assert.That(status.GetProperty("epoch").GetInt32(), Is.EqualTo(1));
            Assert.That(status.GetProperty("nextSequenceId").GetInt64(), Is.EqualTo(2));
            Assert.That(status.GetProperty("deliveredSequenceId").GetInt64(), Is.EqualTo(1));
            Assert.That(status.GetProperty("appPid").GetInt32(), Is.EqualTo(life.AppPid));
            Assert.That((peer.GetProperty("name").GetString(), peer.GetProperty("connected").GetBoolean()), Is.EqualTo(("far", false)));
        });
    }

    [Test]
    public async Task The_verbs_ask_a_running_coordinator()
    {
        var life = await _node.StartReadyAsync();

        var (code, output) = await AskAsync("status");
        Assert.That(code, Is.Zero);
        Assert.That(JsonDocument.Parse(output).RootElement.GetProperty("state").GetString(), Is.EqualTo("primary"));
        (code, output) = await AskAsync("checkpoint");
        Assert.That((code, output), Is.EqualTo((0, "{\"nextSequenceId\":1}\n")));
        await life.KillAsync();
        (code, output) = await AskAsync("status");
        Assert.That((code, output), Is.EqualTo((75, "")));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_taken_is_never_answered_with_success()
    {
        var life = _node.Start();
        await life.LineAsync("App started");
        Assert.That(await AskAsync("checkpoint"), Is.EqualTo((75, "")), "not primary yet");
        await life.KillAsync();
        life = await _node.StartReadyAsync("--grace-period", "1");
        life.Ledger.Gate.Reset();
        await using var driver = new Driver(_node);
        driver.Note(10);
        await driver.AllAcknowledgedAsync(() => life.Output);
        var asked = AskAsync("checkpoint");
        await life.SignalAsync("TERM");
        Assert.That(await asked, Is.EqualTo((75, "")), "the app hangs, and the coordinator gives up");
    }

    private static string Program(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, name);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static async Task<int[]> GetAllAsync(Life life) => [await life.GetAsync("live"), await life.GetAsync("startup"), await life.GetAsync("ready")];

    private async Task<(int Code, string Output)> AskAsync(string verb)
    {
        var start = new ProcessStartInfo(Program("ImmortalCoordinator"), [verb, Text($"--health-port={_node.HealthPort}")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Deadline);
        await process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return (process.ExitCode, output);
    }
}
