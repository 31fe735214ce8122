using Ambrosia.Coordinator.Storage.Leases;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>
/// The lease itself, in simulated worlds in which processes pause, die, stop and start, clocks run apart, and the share is slow, fails, is
/// cut off, answers from caches and carries out late what it had refused.
/// </summary>
[Parallelizable(ParallelScope.Children)]
public class LeaseModelTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(6);

    [Test]
    public void Whatever_happens_no_two_acknowledge_and_nothing_acknowledged_is_lost([Range(1, 80)] int seed)
    {
        var world = new World(seed);
        var share = new SimulatedShare(world);
        var contest = new Contest(world, share);
        var lives = Enumerable.Range(0, 3).Select(_ => Start(world, contest)).ToList();
        for (var disturbance = 0; disturbance < 300; disturbance++)
        {
            world.RunUntil(world.Time + world.Between(0, 6));
            Disturb(world, share, contest, lives);
        }

        Assert.That(contest.Breaches, Is.Empty);
        Calm(world, share, lives);
        lives.Add(Start(world, contest)); // All others may have ended by now.
        world.RunUntil(world.Time + TimeSpan.FromSeconds(60));
        Assert.That(contest.Breaches, Is.Empty);
        Assert.That(contest.Takeovers, Is.GreaterThan(10));
        Assert.That(contest.Acknowledged, Is.GreaterThan(1000));
        Assert.That(lives.Count(life => life.Owns), Is.EqualTo(1), "in calm weather there is an owner");
    }

    [TestCase(0.5, true)]
    [TestCase(0.95, false)]
    [TestCase(1.05, false)]
    public void Clocks_may_run_apart_by_the_margin_and_the_model_notices_when_it_is_more(double speed, bool breached)
    {
        var breaches = Enumerable.Range(1, 20).Sum(seed =>
        {
            var world = new World(seed);
            var contest = new Contest(world, new SimulatedShare(world));
            var first = contest.Start(Duration, speed);
            world.RunUntil(TimeSpan.FromSeconds(2));
            var second = contest.Start(Duration);
            world.RunUntil(world.Time + world.Between(5, 20));
            first.Machine.Pause();
            world.RunUntil(world.Time + TimeSpan.FromSeconds(60), () => second.Owns);
            first.Machine.Resume();
            world.RunUntil(world.Time + TimeSpan.FromSeconds(20));
            Assert.That(contest.Takeovers, Is.EqualTo(2));
            return contest.Breaches.Count;
        });

        Assert.That(breaches > 0, Is.EqualTo(breached));
    }

    [Test]
    public void A_dead_owner_is_succeeded_within_the_lease_and_little_more([Range(1, 30)] int seed)
    {
        var (world, contest, first, second) = Pair(seed);
        first.Kill();
        var died = world.Time;
        world.RunUntil(world.Time + TimeSpan.FromSeconds(60), () => second.Owns);

        Assert.That(world.Time - died, Is.LessThan(Duration + TimeSpan.FromSeconds(1)).And.GreaterThan(Duration * 0.6));
        Assert.That(contest.Breaches, Is.Empty);
    }

    [Test]
    public void A_clean_stop_and_a_death_that_is_known_are_succeeded_at_once([Range(1, 30)] int seed)
    {
        var (world, contest, first, second) = Pair(seed);
        if (seed % 2 == 0)
            first.Stop();
        else
            first.Kill(known: true);
        var ended = world.Time;
        world.RunUntil(world.Time + TimeSpan.FromSeconds(60), () => second.Owns);

        Assert.That(world.Time - ended, Is.LessThan(TimeSpan.FromSeconds(0.5)));
        Assert.That(contest.Breaches, Is.Empty);
    }

    [Test]
    public void A_share_that_answers_nothing_any_more_ends_the_ownership_in_time([Range(1, 10)] int seed)
    {
        var world = new World(seed);
        var share = new SimulatedShare(world);
        var owner = new Contest(world, share).Start(Duration);
        world.RunUntil(world.Between(5, 20));
        share.Weather = new ShareWeather(Slowest: 1e9);
        world.RunUntil(world.Time + Duration, () => owner.Loss is not null);

        Assert.That(owner.Owns, Is.False);
        Assert.That(owner.Loss?.Kind, Is.EqualTo(LeaseLossKind.ShareFailed));
    }

    [Test]
    public void A_healthy_owner_is_never_succeeded([Range(1, 20)] int seed)
    {
        var (world, contest, first, _) = Pair(seed);
        world.RunUntil(world.Time + TimeSpan.FromHours(1));

        Assert.That((first.Owns, contest.Takeovers), Is.EqualTo((true, 1)));
        Assert.That(contest.Breaches, Is.Empty);
    }

    [Test]
    public void Claims_do_not_pile_up()
    {
        var world = new World(1);
        var share = new SimulatedShare(world);
        new Contest(world, share).Start(Duration);
        world.RunUntil(TimeSpan.FromHours(2));

        // Three minutes of claims every two seconds.
        Assert.That(share.Numbers.Count(), Is.InRange(3, 100));
    }

    private static Contest.Life Start(World world, Contest contest) => contest.Start(
        world.Chance(0.8) ? Duration : world.Between(2, 12), 1 + (world.Random.NextDouble() * 0.08) - 0.04, world.Between(-100_000, 100_000));

    private static (World World, Contest Contest, Contest.Life First, Contest.Life Second) Pair(int seed)
    {
        var world = new World(seed);
        var contest = new Contest(world, new SimulatedShare(world));
        var first = contest.Start(Duration);
        world.RunUntil(TimeSpan.FromSeconds(2));
        var second = contest.Start(Duration, wallClockError: TimeSpan.FromHours(-3));
        world.RunUntil(world.Time + world.Between(5, 20));
        Assert.That((first.Owns, second.Owns), Is.EqualTo((true, false)));
        return (world, contest, first, second);
    }

    private static void Disturb(World world, SimulatedShare share, Contest contest, List<Contest.Life> lives)
    {
        var victim = world.Chance(0.5) && contest.Owner is { Ended: false } owner ? owner : lives[world.Random.Next(lives.Count)];
        switch (world.Random.Next(8))
        {
            case 0:
                victim.Kill(known: world.Chance(0.3));
                break;
            case 1:
                victim.Stop();
                break;
            case 2:
                victim.Machine.Pause();
                break;
            case 3:
                victim.Machine.CutOff = !victim.Machine.CutOff;
                break;
            case 4:
                share.Weather = new ShareWeather(
                    world.Chance(0.3) ? 3 : 0.02, world.Chance(0.5) ? world.Random.NextDouble() * 0.3 : 0, world.Chance(0.5) ? world.Random.NextDouble() * 30 : 0);
                break;
            default:
                foreach (var life in lives.Where(life => life.Machine.Paused))
                    life.Machine.Resume();
                foreach (var life in lives.Where(life => world.Chance(0.5)))
                    life.Machine.CutOff = false;
                break;
        }

        Replace(world, contest, lives);
    }

    private static void Replace(World world, Contest contest, List<Contest.Life> lives)
    {
        // A paused or cut-off one stays around, to wake up when nobody counts on it any more.
        if (lives.Count > 6)
            lives.RemoveAll(life => life.Ended);
        while (lives.Count(life => life is { Ended: false, Machine.Paused: false }) < 3 && lives.Count < 12)
            lives.Add(Start(world, contest));
    }

    private static void Calm(World world, SimulatedShare share, List<Contest.Life> lives)
    {
        share.Weather = new ShareWeather();
        foreach (var life in lives)
        {
            life.Machine.CutOff = false;
            if (life.Machine.Paused)
                life.Machine.Resume();
        }
    }
}
