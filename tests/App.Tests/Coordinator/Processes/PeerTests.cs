using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>Two instances, and all that can go wrong between them.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class PeerTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Node _a;
    private readonly Node _b;

    public PeerTests() => (_a, _b) = (new Node("a", _directory), new Node("b", _directory));

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task Two_instances_that_flood_each_other_with_little_memory_lose_nothing_and_do_not_deadlock()
    {
        _a.WithPeer(_b).Options.AddRange(["--output-memory", "1"]);
        _b.WithPeer(_a).Options.AddRange(["--output-memory", "1"]);
        await using var driveA = new Driver(_a);
        await using var driveB = new Driver(_b);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());

        // Each in one handler: neither reads anything while it writes sixty times its memory.
        driveA.Send(Ledger.SendNotes, Ledger.SendArguments("b", 30_000, 2000));
        driveB.Send(Ledger.SendNotes, Ledger.SendArguments("a", 30_000, 2000));

        await ReceivedAsync(a, "b", 30_000);
        await ReceivedAsync(b, "a", 30_000);
    }

    [Test]
    public async Task Kills_of_either_side_in_mid_flow_lose_nothing()
    {
        _a.WithPeer(_b).Options.AddRange(["--output-memory", "1", "--trigger-size", "1"]);
        _b.WithPeer(_a).Options.AddRange(["--trigger-size", "1"]);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        for (var i = 0; i < 40; i++)
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 500, 1000));

        for (var round = 1; round <= 4; round++)
        {
            var some = 3000 * round;
            await Eventually.That(() => b.Ledger.Received("a") >= some, () => $"{b.Ledger.Received("a")}\n{a.Output}\n{b.Output}");
            if (round % 2 == 0)
            {
                await a.KillAsync();
                a = await _a.StartReadyAsync();
            }
            else
            {
                await b.KillAsync();
                b = await _b.StartReadyAsync();
            }
        }

        await ReceivedAsync(b, "a", 20_000);
        Assert.That(driver.Fault, Is.Null);
    }

    [Test]
    public async Task A_peer_that_vanishes_without_a_word_is_noticed_and_nothing_is_lost()
    {
        await using var network = new Proxy(_b.ListenPort);
        _a.WithPeer("b", network.Port);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await ReceivedAsync(b, "a", 100);

        network.FallSilent();
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await a.LineAsync("b was silent for 4 s");
        await b.LineAsync("a was silent for 4 s");
        await b.LineAsync("a is disconnected.");
        network.Forward();

        await ReceivedAsync(b, "a", 200);
    }

    [Test]
    public async Task A_peer_that_is_unreachable_for_a_while_gets_everything_when_it_is_back()
    {
        await using var network = new Proxy(_b.ListenPort);
        _a.WithPeer("b", network.Port);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await ReceivedAsync(b, "a", 100);

        network.Refuse();
        await b.LineAsync("a is disconnected.");
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await driver.AllAcknowledgedAsync(() => a.Output);
        Assert.That((await a.StatusAsync()).GetProperty("peers")[0].GetProperty("connected").GetBoolean(), Is.False);
        await a.LineAsync("is not reached");
        network.Listen();

        await ReceivedAsync(b, "a", 200);
        await a.LineAsync("b is reached again.");
    }

    [Test]
    public async Task A_stopped_receiver_costs_the_sender_no_memory_and_no_message()
    {
        _a.WithPeer(_b).Options.AddRange(["--output-memory", "4"]);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await ReceivedAsync(b, "a", 100);
        var before = PeakMegabytes(a);
        await b.PauseAsync();
        try
        {
            // 200 MB, all of which the app gets rid of although nobody takes it.
            for (var i = 0; i < 20; i++)
                driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 1000, 10_000));
            await Eventually.That(async () => await UnacknowledgedAsync(a) == 20_000, () => a.Output);
            Assert.That(new FileInfo(Path.Combine(_a.Log, "spill-b.tmp")).Length, Is.GreaterThan(150_000_000));
            Assert.That(PeakMegabytes(a) - before, Is.LessThan(100));
            Assert.That(await a.CheckpointAsync(), Is.True, "a dead peer must not keep the app from a checkpoint");
            await a.KillAsync();
            a = await _a.StartReadyAsync();
        }
        finally
        {
            await b.SignalAsync("CONT");
        }

        await ReceivedAsync(b, "a", 20_100);
    }

    [Test]
    public async Task A_slow_app_gets_everything_though_its_log_runs_ahead()
    {
        await using var driver = new Driver(_a);
        var a = await _a.StartReadyAsync();
        a.Ledger.Gate.Reset();
        driver.Note(20_000, payload: 5000);
        await driver.AllAcknowledgedAsync(() => a.Output);
        Assert.That(PeakMegabytes(a), Is.LessThan(300), "100 MB are logged and not delivered");
        a.Ledger.Gate.Set();

        await ReceivedAsync(a, Driver.Name, 20_000);
    }

    [Test]
    public async Task A_checkpoint_behind_a_log_that_ran_ahead_holds_just_what_was_delivered()
    {
        await using var driver = new Driver(_a);
        var a = await _a.StartReadyAsync();
        a.Ledger.Gate.Reset();

        // More than delivery keeps in memory, in many records: the later ones are read back from the log, in runs.
        driver.Note(12_000, payload: 5000);
        await driver.AllAcknowledgedAsync(() => a.Output);
        var records = (await a.StatusAsync()).GetProperty("nextSequenceId").GetInt64();
        var checkpoint = a.CheckpointAsync();
        a.Ledger.Gate.Set();
        Assert.That(await checkpoint, Is.True);
        Assert.That((await a.StatusAsync()).GetProperty("deliveredSequenceId").GetInt64(), Is.EqualTo(records - 1));
        await ReceivedAsync(a, Driver.Name, 12_000);
        await a.KillAsync();

        a = await _a.StartReadyAsync();
        Assert.That((await a.StatusAsync()).GetProperty("replayedRecords").GetInt64(), Is.Zero);
        driver.Note(100, payload: 10);
        await ReceivedAsync(a, Driver.Name, 12_100);
    }

    [Test]
    public async Task Random_bytes_on_every_port_disturb_no_work()
    {
        _a.WithPeer(_b);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        using var stop = new CancellationTokenSource();
        var noise = Task.WhenAll(((int[])[_a.ListenPort, _b.ListenPort, _a.HealthPort, _b.HealthPort]).Select((port, i) => NoiseAsync(port, i, stop.Token)));
        for (var i = 0; i < 20; i++)
        {
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 500, 500));
            await driver.AllAcknowledgedAsync(() => a.Output);
        }

        await ReceivedAsync(b, "a", 10_000);
        await b.LineAsync("Refused a connection that is no AMBROSIA peer");
        await stop.CancelAsync();
        await noise;
        Assert.That((await a.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("primary"));
        Assert.That(driver.Fault, Is.Null);
    }

    [Test]
    public async Task Random_bytes_on_the_apps_ports_at_a_start_keep_no_message()
    {
        await using var driver = new Driver(_a);
        var first = await _a.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);
        await first.KillAsync();

        var second = _a.Start();
        using (var stranger = await RawApp.ConnectAsync(_a.ReceivePort))
        {
            stranger.Send(Enumerable.Range(0, 100).Select(i => (byte)(i * 37)).ToArray());
            await second.LineAsync("Dropped a connection to the receive port that is not the app's.");
        }

        using (var silent = await RawApp.ConnectAsync(_a.ReceivePort))
        {
            // It goes without a word.
        }

        await Eventually.That(() => second.Lines.Count(line => line.Contains("Dropped a connection", StringComparison.Ordinal)) == 2, () => second.Output);

        var ledger = new Ledger("a");
        var app = new Ambrosia.Hosting.ImmortalSession(ledger, new Ambrosia.Binding.ImmortalOptions("a", _a.SendPort, _a.ReceivePort), TextWriter.Null);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => app.Run(_ => { }, stop.Token));
        await second.LineAsync("Ready: ");
        Assert.That(ledger.Received(Driver.Name), Is.EqualTo(100));
        await second.KillAsync();
        await stop.CancelAsync();
        Assert.That(await running.WaitAsync(Eventually.Deadline), Is.EqualTo(75));
    }

    [Test]
    public async Task A_receiver_that_lost_its_log_is_told_apart_from_a_crash()
    {
        _a.WithPeer(_b);
        await using var driver = new Driver(_a);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 2000, 500));
        await ReceivedAsync(b, "a", 2000);
        await Eventually.That(async () => await UnacknowledgedAsync(a) == 0, () => a.Output);
        await b.KillAsync();
        Directory.Delete(_b.Log, recursive: true);
        await _b.StartReadyAsync();

        await a.LineAsync("ERROR AMB5110: b asks for messages that it had acknowledged before.");
    }

    [Test]
    public async Task A_sender_that_begins_a_new_existence_is_understood_by_its_old_receiver_also_after_a_crash()
    {
        _a.WithPeer(_b);
        var (a, b) = (await _a.StartReadyAsync(), await _b.StartReadyAsync());
        await using (var driver = new Driver(_a))
        {
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 200, 100));
            await ReceivedAsync(b, "a", 200);
        }

        await a.KillAsync();
        Directory.Delete(_a.Log, recursive: true);
        a = await _a.StartReadyAsync();
        await using (var driver = new Driver(_a))
        {
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
            await Eventually.That(() => b.Ledger.Received("a") == 100, () => $"{b.Ledger.Received("a")}\n{a.Output}\n{b.Output}");
            await a.KillAsync();
            a = await _a.StartReadyAsync();
            driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
            await Eventually.That(() => b.Ledger.Received("a") == 200, () => $"{b.Ledger.Received("a")}\n{a.Output}\n{b.Output}");
        }

        Assert.That(b.Ledger.OutOfOrder, Is.EqualTo(1), "the new existence counts from one again, and nothing else is odd");
    }

    [Test]
    public async Task A_destination_without_an_address_keeps_its_messages_until_it_has_one()
    {
        await using var driver = new Driver(_a);
        var a = await _a.StartReadyAsync();
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("b", 100, 100));
        await driver.AllAcknowledgedAsync(() => a.Output);
        await a.LineAsync("ERROR AMB5116: ");
        Assert.That(await a.StopAsync(), Is.Zero);

        var b = await _b.StartReadyAsync();
        _a.WithPeer(_b);
        await _a.StartReadyAsync();
        await ReceivedAsync(b, "a", 100);
    }

    private static async Task ReceivedAsync(Life life, string source, long count)
    {
        await Eventually.That(() => life.Ledger.Received(source) == count, () => $"{life.Ledger.Received(source)} of {count}\n{life.Output}");
        Assert.That(life.Ledger.OutOfOrder, Is.Zero);
    }

    private static async Task<long> UnacknowledgedAsync(Life life) =>
        (await life.StatusAsync()).GetProperty("peers").EnumerateArray().Sum(peer => peer.GetProperty("unacknowledged").GetInt64());

    /// <summary>The most memory that the coordinator ever had resident.</summary>
    private static long PeakMegabytes(Life life)
    {
        var line = File.ReadLines($"/proc/{life.Process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1000;
    }

    private static async Task NoiseAsync(int port, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            using var socket = await RawApp.ConnectAsync(port);
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            try
            {
                await socket.SendAsync(bytes, CancellationToken.None);
                socket.Shutdown(SocketShutdown.Send);
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                while (await socket.ReceiveAsync(bytes, limit.Token) > 0)
                {
                    // Whatever it says.
                }
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // It hung up.
            }
        }
    }
}
