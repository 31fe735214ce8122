using Ambrosia.Build.Oracle;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

public sealed class KillScheduleTests
{
    private const long Total = 1610612736;

    [Test]
    public void The_same_seed_gives_the_same_schedule()
    {
        var first = KillSchedule.Plan(12, 1, Total);

        Assert.That(KillSchedule.Plan(12, 1, Total), Is.EqualTo(first));
    }

    [Test]
    public void Another_seed_gives_another_schedule() =>
        Assert.That(KillSchedule.Plan(12, 1, Total), Is.Not.EqualTo(KillSchedule.Plan(12, 2, Total)));

    [Test]
    public void A_seed_means_the_same_for_ever() =>
        Assert.That(
            KillSchedule.Plan(2, 1, 1000),
            Is.EqualTo(new[] { new PlannedKill(1, FirstVictim, FirstAt), new PlannedKill(2, SecondVictim, SecondAt) }));

    private const VictimKind FirstVictim = VictimKind.JobProcess;
    private const long FirstAt = 78;
    private const VictimKind SecondVictim = VictimKind.JobCoordinator;
    private const long SecondAt = 671;

    [Test]
    public void Every_kind_of_victim_gets_its_share([Range(0, 20)] int seed)
    {
        var perKind = KillSchedule.Plan(12, seed, Total).CountBy(kill => kill.Victim).ToDictionary();

        Assert.That(perKind, Has.Count.EqualTo(4));
        Assert.That(perKind.Values, Is.All.EqualTo(3));
    }

    [Test]
    public void The_first_four_kills_have_four_different_victims([Range(0, 20)] int seed) =>
        Assert.That(KillSchedule.Plan(6, seed, Total).Take(4).Select(kill => kill.Victim), Is.Unique);

    [TestCase(1)]
    [TestCase(6)]
    [TestCase(40)]
    public void Kills_lie_apart_within_the_work(int kills)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var places = KillSchedule.Plan(kills, seed, Total).Select(kill => (double)kill.AtBytes / Total).ToList();

            Assert.That(places, Is.Ordered.Ascending);
            Assert.That(places, Is.All.InRange(0.05, 0.90));
            var leastGap = 0.4 * 0.85 / kills * 0.999;
            Assert.That(places.Zip(places.Skip(1), (a, b) => b - a), Is.All.GreaterThan(leastGap));
        }
    }
}
