using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// One writer across machines: coordinators that share a log directory by <c>--lock lease</c>, of which one is killed, paused, cut off from the
/// directory or stopped. Whatever one of them acknowledged, the next one knows.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class LeaseTests : IAsyncDisposable
{
    /// <summary>What a takeover may take on top of the lease.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(5);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _directory.Dispose();
    }

    [TestCase("KILL")]
    [TestCase("TERM")]
    public async Task A_successor_takes_over_at_once_after_a_clean_stop_and_after_a_death_on_the_same_machine(string signal)
    {
        var (a, b) = (Place(leaseSeconds: 60), Place(leaseSeconds: 60));
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);
        var second = b.Start(null, new Ledger("srv"));
        await second.LineAsync($"Waiting for the lease on {a.Log}, held by process {first.Process.Id} on ");

        var clock = Stopwatch.StartNew();
        await first.SignalAsync(signal);
        await second.LineAsync("Ready: ");
        Report($"takeover after SIG{signal}", clock);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)), "a third of the lease");
        Assert.That(await first.ExitAsync(), Is.EqualTo(signal == "TERM" ? 0 : 137), first.Output);
        await first.EndAppAsync();
        Assert.That((await second.StatusAsync()).GetProperty("replayedRecords").GetInt64(), signal == "TERM" ? Is.Zero : Is.Positive);
        await GoesOnAsync(driver, b, second, 100);
    }

    [TestCase(0)]
    [TestCase(-20)]
    [TestCase(+20)]
    public async Task A_death_on_another_machine_is_waited_for_whatever_that_machines_clock_says(int hoursAhead)
    {
        var (a, b) = (Place(), Place());
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);
        await first.KillAsync();
        var clock = Stopwatch.StartNew();
        Claims.RewriteNewest(a.Log, claim =>
        {
            claim["process"]!["boot"] = "another machine's";
            claim["writtenAt"] = DateTimeOffset.UtcNow.AddHours(hoursAhead).ToString("O", CultureInfo.InvariantCulture);
        });

        var second = await b.StartReadyAsync();
        Report("takeover after a death on another machine", clock);
        Assert.That(clock.Elapsed, Is.GreaterThan(Lease(2)));

        // By its own word: how long a busy machine takes to start a process is not the lease's.
        var waited = (await second.LineAsync("The lease is taken, after ")).Split(' ')[^2];
        Assert.That(double.Parse(waited, CultureInfo.InvariantCulture), Is.InRange(2, (Lease(2) + Allowance).TotalSeconds), second.Output);
        await GoesOnAsync(driver, b, second, 100);
    }

    [Test]
    public async Task A_paused_owner_is_succeeded_and_acknowledges_nothing_when_it_wakes()
    {
        var (a, b) = (Place(), Place());
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);
        var second = b.Start(null, new Ledger("srv"));
        await second.LineAsync("Waiting for the lease");

        await first.PauseAsync();
        var clock = Stopwatch.StartNew();
        driver.Note(50);
        await second.LineAsync("Ready: ");
        Report("takeover from a paused owner", clock);
        Assert.That(clock.Elapsed, Is.LessThan(Lease(2) + Allowance), second.Output);
        Assert.That(Claims.TimeToSuccession(a.Log), Is.GreaterThan(Lease(2) * 0.95), second.Output);

        // The driver still talks to the first one, which has these fifty in its socket.
        await first.SignalAsync("CONT");
        Assert.That(await first.ExitAsync(), Is.EqualTo(75), first.Output);
        Assert.That(first.Output, Does.Contain("ERROR AMB5102: "));
        Assert.That(driver.Acknowledged, Is.EqualTo(100), "an owner that is none any more has acknowledged messages");
        await GoesOnAsync(driver, b, second, 100);
    }

    [Test]
    public async Task An_owner_paused_under_load_again_and_again_loses_and_doubles_nothing()
    {
        var random = new Random(4);
        Node[] places = [Place(leaseSeconds: 1), Place(leaseSeconds: 1)];
        await using var driver = new Driver(places[0]);
        var owner = await places[0].StartReadyAsync("--trigger-size", "1");
        for (var round = 0; round < 6; round++)
        {
            var next = places[(round + 1) % 2];
            driver.Note(2000, payload: 1000);
            var wanted = driver.Acknowledged + random.Next(1, 2000);
            await driver.AcknowledgedAsync(wanted, () => owner.Output);
            await owner.PauseAsync();
            var acknowledged = driver.Acknowledged;
            var successor = await next.StartReadyAsync("--trigger-size", "1");
            await owner.SignalAsync("CONT");
            Assert.That(await owner.ExitAsync(), Is.EqualTo(75), owner.Output);
            await owner.EndAppAsync();

            // What was in its socket before the pause and on its way to us may still have come in.
            Assert.That(successor.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(Math.Max(acknowledged, driver.Acknowledged)), successor.Output);
            driver.Move(next);
            owner = successor;
        }

        await driver.AllAcknowledgedAsync(() => owner.Output);
        await Eventually.That(() => owner.Ledger.Received(Driver.Name) == driver.Sent, () => owner.Output);
        Assert.That((owner.Ledger.OutOfOrder, driver.Fault), Is.EqualTo((0L, (string?)null)));
    }

    [Test]
    public async Task An_owner_cut_off_from_the_share_stops_acknowledging_before_its_successor_begins()
    {
        // The owner's way to the directory is a link that is taken away; its open files live on, as a client's cache would.
        var share = Directory.CreateDirectory(_directory["share"]).FullName;
        var way = _directory["way"];
        Directory.CreateSymbolicLink(way, share);
        var (a, b) = (Place(way), Place(share));
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync();
        var second = b.Start(null, new Ledger("srv"));
        await second.LineAsync("Waiting for the lease");
        using var load = new CancellationTokenSource();
        var loading = LoadAsync(driver, load.Token);
        await driver.AcknowledgedAsync(50, () => first.Output);

        Directory.Delete(way);
        var clock = Stopwatch.StartNew();
        await Eventually.That(() => Claims.NewestIsStable(share), () => first.Output);
        Claims.RewriteNewest(share, claim => claim["process"]!["boot"] = "another machine's");
        Assert.That(await first.ExitAsync(), Is.EqualTo(75), first.Output);
        Report("a cut-off owner ended", clock);
        var acknowledged = driver.Acknowledged;
        Assert.That(IsReady((b, second)), Is.False, "the successor waits for the whole lease, of which the owner used nine tenths");
        Assert.That(first.Output, Does.Contain("ERROR AMB5114: The lease on the log directory").And.Contain("could not be renewed"));
        await second.LineAsync("Ready: ");
        Report("takeover from a cut-off owner", clock);
        Assert.That(clock.Elapsed, Is.LessThan(Lease(2) + Allowance), second.Output);
        Assert.That(second.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(acknowledged));
        await first.EndAppAsync();
        await load.CancelAsync();
        await loading;
        driver.Move(b);
        await driver.AllAcknowledgedAsync(() => second.Output);
        await GoesOnAsync(driver, b, second, acknowledged);
    }

    [Test]
    public async Task A_share_that_is_lost_under_its_owner_ends_it_with_75_and_a_restart_finds_everything()
    {
        var a = Place();
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);

        Directory.Move(a.Log, a.Log + "-lost");
        Assert.That(await first.CheckpointAsync(), Is.False, "a checkpoint cannot be written");
        Assert.That(await first.ExitAsync(), Is.EqualTo(75), first.Output);
        Assert.That(first.Output, Does.Contain("ERROR AMB5114: "));
        await first.EndAppAsync();
        Directory.Move(a.Log + "-lost", a.Log);

        var second = await a.StartReadyAsync();
        await GoesOnAsync(driver, a, second, 100);
    }

    [Test]
    public async Task A_directory_emptied_under_its_owner_ends_it()
    {
        var a = Place();
        var first = await a.StartReadyAsync();
        foreach (var claim in Claims.In(a.Log))
            File.Delete(claim);

        Assert.That(await first.ExitAsync(), Is.EqualTo(75), first.Output);
        Assert.That(first.Output, Does.Contain("ERROR AMB5102: ").And.Contain("was deleted"));
    }

    [Test]
    public async Task Of_many_that_start_at_once_one_becomes_primary_and_after_each_death_one_more()
    {
        var places = Enumerable.Range(0, 4).Select(_ => Place()).ToArray();
        await using var driver = new Driver(places[0]);
        var alive = places.Select(place => (Place: place, Life: place.Start(null, new Ledger("srv")))).ToList();
        for (var round = 1; alive.Count > 0; round++)
        {
            await Eventually.That(() => alive.Any(IsReady), () => string.Join("\n\n", alive.Select(one => one.Life.Output)));
            var (place, life) = alive.Single(IsReady);
            driver.Move(place);
            driver.Note(50);
            await driver.AllAcknowledgedAsync(() => life.Output);
            await Eventually.That(() => life.Ledger.Received(Driver.Name) == 50 * round, () => life.Output);
            Assert.That(alive.Where(IsReady), Has.Exactly(1).Items);
            foreach (var (_, other) in alive.Where(one => one.Life != life))
                Assert.That(await other.GetAsync("ready"), Is.EqualTo(503));
            Assert.That(life.Ledger.OutOfOrder, Is.Zero);
            await life.KillAsync();
            alive.RemoveAll(one => one.Life == life);
        }

        Assert.That(driver.Fault, Is.Null);
    }

    [Test]
    public async Task One_that_waits_is_alive_and_not_ready_and_stops_when_told_to()
    {
        var (a, b) = (Place(), Place());
        var first = await a.StartReadyAsync();
        var second = b.Start();
        await second.LineAsync("Waiting for the lease");

        Assert.That(await second.GetAsync("live"), Is.EqualTo(200));
        Assert.That(await second.GetAsync("startup"), Is.EqualTo(503));
        Assert.That(await second.GetAsync("ready"), Is.EqualTo(503));
        Assert.That((await second.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("waiting"));
        var clock = Stopwatch.StartNew();
        Assert.That(await second.StopAsync(), Is.Zero, second.Output);
        Report("stop while waiting", clock);
        Assert.That((await first.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("primary"));
    }

    [Test]
    public async Task A_log_kept_with_the_kernels_lock_goes_on_with_a_lease_and_back()
    {
        var local = new Node("srv", _directory);
        _nodes.Add(local);
        var shared = Place(local.Log);
        await using var driver = new Driver(local);
        for (var round = 1; round <= 4; round++)
        {
            var place = round % 2 == 1 ? local : shared;
            driver.Move(place);
            var life = await place.StartReadyAsync();
            driver.Note(50);
            await driver.AllAcknowledgedAsync(() => life.Output);
            await life.KillAsync();
            life = await place.StartReadyAsync();
            await GoesOnAsync(driver, place, life, driver.Sent);
            Assert.That(await life.StopAsync(), Is.Zero, life.Output);
        }
    }

    private static bool IsReady((Node Place, Life Life) one) => one.Life.Lines.Any(line => line.Contains("Ready: ", StringComparison.Ordinal));

    private static TimeSpan Lease(int seconds) => TimeSpan.FromSeconds(seconds);

    private static void Report(string what, Stopwatch clock) => TestContext.Out.WriteLine($"{what}: {clock.Elapsed.TotalSeconds:0.00} s");

    private static async Task LoadAsync(Driver driver, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!stop.IsCancellationRequested)
        {
            driver.Note(5);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>The successor has what was acknowledged, goes on, and so does the one after it.</summary>
    private static async Task GoesOnAsync(Driver driver, Node place, Life life, long acknowledged)
    {
        Assert.That(life.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(acknowledged), life.Output);
        driver.Move(place);
        driver.Note(50);
        await driver.AllAcknowledgedAsync(() => life.Output);
        await Eventually.That(() => life.Ledger.Received(Driver.Name) == driver.Sent, () => life.Output);
        Assert.That((life.Ledger.OutOfOrder, driver.Fault), Is.EqualTo((0L, (string?)null)));
    }

    private Node Place(string? log = null, int leaseSeconds = 2)
    {
        var node = new Node("srv", _directory, log);
        node.Options.Clear();
        node.Options.AddRange(["--lock", "lease", string.Create(CultureInfo.InvariantCulture, $"--lease-duration={leaseSeconds}")]);
        _nodes.Add(node);
        return node;
    }
}
