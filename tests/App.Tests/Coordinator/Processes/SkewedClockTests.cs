using System.Diagnostics;
using System.Globalization;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// One writer across machines whose clocks differ for real: coordinators that share a log directory by <c>--lock lease</c>, one of them with
/// another wall clock, another speed of all clocks, or another time since its boot.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class SkewedClockTests : IAsyncDisposable
{
    private const string Short = "--lease-duration=2";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>What a takeover may take on top of the lease.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(5);

    /// <summary>The real length of a second of the fastest clock, which is 5 % too fast, and room for the ticks of the stamps.</summary>
    private const double ShortestSecond = 0.94;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    // libfaketime moves the monotonic clock with the wall clock (told not to, it lets .NET's timed waits return at once), and a machine that was
    // booted less than an hour ago has not the hour to go back.
    public static IEnumerable<Clock> Clocks() =>
    [
        new("an hour fast", "+1h", Booted: true),
        new("an hour slow", "-1h", Booted: true),
        new("5 % too fast", "+0 x1.05"),
        new("5 % too slow", "+0 x0.95"),
        new("up for a day more", Booted: true),
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _directory.Dispose();
    }

    [TestCaseSource(nameof(Clocks))]
    public async Task It_is_succeeded_and_succeeds_in_time_and_two_never_acknowledge(Clock clock)
    {
        await RequireNamespacesAsync();
        var share = Directory.CreateDirectory(_directory["share"]).FullName;
        var way = _directory["way"];
        Directory.CreateSymbolicLink(way, share);
        var (skewed, right) = (Place("skewed", clock, way), Place("right", Clock.Right, share));
        await using var driver = new Driver(skewed);

        // A clean stop of the skewed one, whose lease is long.
        var owner = await skewed.StartReadyAsync("--lease-duration=60");
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => owner.Output);
        var successor = await WaitingAsync(right);
        var watch = Stopwatch.StartNew();
        Assert.That(await owner.StopAsync(), Is.Zero, owner.Output);
        await ReadyAsync(successor, "a clean stop", watch, TimeSpan.FromSeconds(20));
        owner = await GoesOnAsync(driver, right, successor, 100);

        // A death: the skewed one waits.
        successor = await WaitingAsync(skewed);
        watch.Restart();
        await owner.KillAsync();
        await TakesOverAsync(successor, "a death", watch, share);
        owner = await GoesOnAsync(driver, skewed, successor, driver.Acknowledged);

        // The skewed one goes on without the share, under load: it stops by its own clock before the other one begins by the right one.
        successor = await WaitingAsync(right);
        using var load = new CancellationTokenSource();
        var loading = LoadAsync(driver, load.Token);
        await driver.AcknowledgedAsync(driver.Acknowledged + 50, () => owner.Output);
        Directory.Delete(way);
        watch.Restart();
        Assert.That(await owner.ExitAsync(), Is.EqualTo(75), owner.Output);
        var acknowledged = driver.Acknowledged;
        await TakesOverAsync(successor, "a cut", watch, share);
        Assert.That(successor.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(acknowledged), successor.Output);
        await owner.EndAppAsync();
        await load.CancelAsync();
        await loading;
        Directory.CreateSymbolicLink(way, share);
        owner = await GoesOnAsync(driver, right, successor, acknowledged);

        // The other one is paused, succeeded by the skewed one, and wakes.
        successor = await WaitingAsync(skewed);
        await owner.PauseAsync();
        watch.Restart();
        acknowledged = driver.Acknowledged;
        driver.Note(50);
        await TakesOverAsync(successor, "a pause", watch, share);
        await owner.SignalAsync("CONT");
        Assert.That(await owner.ExitAsync(), Is.EqualTo(75), owner.Output);
        Assert.That(driver.Acknowledged, Is.EqualTo(acknowledged), "an owner that is none any more has acknowledged messages");
        await GoesOnAsync(driver, skewed, successor, acknowledged);
    }

    [Test]
    public async Task A_faked_speed_is_the_speed_of_the_clock_that_a_lease_runs_by()
    {
        await RequireNamespacesAsync();
        var log = _directory["share"];
        var (right, fast) = (Place("right", Clock.Right, log), Place("fast", new Clock("twice as fast", "+0 x2"), log));
        var first = await right.StartReadyAsync("--lease-duration=8");
        await first.KillAsync();

        var second = await WaitingAsync(fast);
        var watch = Stopwatch.StartNew();
        var own = double.Parse((await second.LineAsync("The lease is taken, after ")).Split(' ')[^2], CultureInfo.InvariantCulture);
        Assert.That(own, Is.GreaterThanOrEqualTo(8));
        Assert.That(own, Is.GreaterThan(watch.Elapsed.TotalSeconds), "the seconds of the fast clock are shorter");
    }

    /// <summary>On one machine, where a dead owner need not be waited for; seen from another time namespace it started at another time.</summary>
    [Test]
    public async Task An_owner_that_lives_is_not_taken_for_dead_by_one_whose_clocks_began_elsewhere()
    {
        await RequireNamespacesAsync();
        var log = _directory["share"];
        var (a, b) = (Place("a", null, log), Place("b", null, log));
        b.Wrapper = ["unshare", "--time", "--monotonic", "86400", "--boottime", "86400"];
        await using var driver = new Driver(a);
        var first = await a.StartReadyAsync(Short);

        var second = await WaitingAsync(b);
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => first.Output);

        Assert.That((await first.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("primary"));
        Assert.That((await second.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("waiting"));
    }

    /// <summary>The successor has what was acknowledged, and goes on.</summary>
    private static async Task<Life> GoesOnAsync(Driver driver, Node place, Life life, long acknowledged)
    {
        Assert.That(life.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(acknowledged), life.Output);
        driver.Move(place);
        driver.Note(50);
        await driver.AllAcknowledgedAsync(() => life.Output);
        await Eventually.That(() => life.Ledger.Received(Driver.Name) == driver.Sent, () => life.Output);
        Assert.That((life.Ledger.OutOfOrder, driver.Fault), Is.EqualTo((0L, (string?)null)));
        return life;
    }

    private static async Task<Life> WaitingAsync(Node place)
    {
        var life = place.Start(null, new Ledger("srv"), Short);
        await life.LineAsync("Waiting for the lease");
        return life;
    }

    private static async Task ReadyAsync(Life life, string after, Stopwatch watch, TimeSpan most)
    {
        await life.LineAsync("Ready: ");
        TestContext.Out.WriteLine($"takeover after {after}: {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.That(watch.Elapsed, Is.LessThan(most), life.Output);
    }

    /// <summary>Not before the last claim of the one before is a lease old, and not much later.</summary>
    private static async Task TakesOverAsync(Life life, string after, Stopwatch watch, string share)
    {
        await ReadyAsync(life, after, watch, Lease + Allowance);
        Assert.That(Claims.TimeToSuccession(share), Is.GreaterThan(Lease * ShortestSecond), life.Output);
    }

    private static async Task LoadAsync(Driver driver, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!stop.IsCancellationRequested)
        {
            driver.Note(5);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Whoever starts a program in another time namespace is itself in it only since Linux 6.1; before, only what it forks.</summary>
    private static async Task RequireNamespacesAsync()
    {
        using var process = Process.Start(new ProcessStartInfo(
            Tools.Require("unshare", "install the package util-linux"),
            ["--mount", "--time", "--boottime", "86400", "sh", "-c", "test \"$(readlink /proc/self/ns/time)\" != \"$0\"", new FileInfo("/proc/self/ns/time").LinkTarget ?? ""])
        {
            RedirectStandardError = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw Tools.Missing($"Namespaces of mounts and of time cannot be made here (it takes root and Linux 6.1): {error}");
    }

    private Node Place(string name, Clock? clock, string log)
    {
        var node = new Node("srv", _directory, log);
        node.Options.Clear();
        node.Options.AddRange(["--lock", "lease"]);
        clock?.Use(node, _directory[name]);
        _nodes.Add(node);
        return node;
    }
}
