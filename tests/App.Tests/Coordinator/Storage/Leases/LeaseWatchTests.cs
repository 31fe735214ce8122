using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Storage.Leases;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>When a contender may claim, and what a loss is told as.</summary>
[Parallelizable]
public class LeaseWatchTests
{
    private static readonly LeaseProcess Process = new("host", "boot", "ns", 1, 1);
    private readonly World _world = new(1);

    [Test]
    public void Nothing_claimed_is_free() => Assert.That(Watch().MayClaimNext(new LeaseSight(0, null, null)), Is.True);

    [Test]
    public void A_claim_is_waited_out_by_the_owners_duration_and_not_by_ones_own()
    {
        var watch = Watch(duration: 2);
        var sight = new LeaseSight(7, Claim(10), null);

        Assert.That(watch.MayClaimNext(sight), Is.False);
        Pass(9.9);
        Assert.That(watch.MayClaimNext(sight), Is.False);
        Pass(0.2);
        Assert.That(watch.MayClaimNext(sight), Is.True);
    }

    [Test]
    public void Each_newer_claim_begins_the_wait_again()
    {
        var watch = Watch();
        for (var number = 1; number < 10; number++)
        {
            Assert.That(watch.MayClaimNext(new LeaseSight(number, Claim(10), null)), Is.False);
            Pass(9.9);
            Assert.That(watch.MayClaimNext(new LeaseSight(number, Claim(10), null)), Is.False);
        }
    }

    [Test]
    public void A_released_claim_a_dead_owners_and_ones_own_are_free_at_once()
    {
        Assert.That(Watch().MayClaimNext(new LeaseSight(7, Claim(10) with { Released = true }, null)), Is.True);
        Assert.That(Watch(dead: "other").MayClaimNext(new LeaseSight(7, Claim(10), null)), Is.True);
        Assert.That(Watch().MayClaimNext(new LeaseSight(7, Claim(10) with { Owner = "self" }, null)), Is.True);
    }

    [TestCase(4, 10, 10)]
    [TestCase(10, 4, 10)]
    [TestCase(10, null, 10)]
    public void An_undescribed_claim_is_waited_out_by_the_longer_of_the_durations_that_it_may_have(int own, int? before, int expected)
    {
        var watch = Watch(own);
        var sight = new LeaseSight(7, null, before is { } seconds ? Claim(seconds) with { Released = true } : null);

        Assert.That(watch.MayClaimNext(sight), Is.False);
        Pass(expected - 0.1);
        Assert.That(watch.MayClaimNext(sight), Is.False);
        Pass(0.2);
        Assert.That(watch.MayClaimNext(sight), Is.True);
    }

    [TestCase(-1000)]
    [TestCase(1000)]
    public void The_stamp_of_another_clock_means_nothing(int hours)
    {
        var watch = Watch();
        var sight = new LeaseSight(7, Claim(10) with { WrittenAt = DateTimeOffset.UnixEpoch.AddHours(hours) }, null);

        Assert.That(watch.MayClaimNext(sight), Is.False);
        Pass(10.1);
        Assert.That(watch.MayClaimNext(sight), Is.True);
    }

    [Test]
    public void The_owner_relies_on_less_than_a_successor_waits_for([Values(1, 2, 15, 300)] int seconds)
    {
        var terms = new LeaseTerms(TimeSpan.FromSeconds(seconds));

        Assert.That(terms.Validity, Is.EqualTo(terms.Duration * 0.9));
        Assert.That(terms.Renewal * 2 + terms.Retry, Is.LessThan(terms.Validity), "one renewal may fail");
        Assert.That(terms.Poll, Is.LessThanOrEqualTo(terms.Duration / 10).And.LessThan(TimeSpan.FromSeconds(1)), "a takeover is at once");
        Assert.That(LeaseTerms.Retention, Is.GreaterThan(LeaseTerms.LookLimit * 2), "an old look and a directory listing from a cache");
    }

    [Test]
    public void A_claim_is_read_back_and_one_that_is_not_whole_is_none()
    {
        var claim = Claim(10) with { Released = true };
        var bytes = claim.ToBytes();

        Assert.That(LeaseClaim.FromBytes(bytes), Is.EqualTo(claim));
        for (var length = 0; length < bytes.Length; length++)
            Assert.That(LeaseClaim.FromBytes(bytes.AsSpan(0, length)), Is.Null);
        Assert.That(LeaseClaim.FromBytes(new byte[100]), Is.Null);
        Assert.That(LeaseClaim.FromBytes("{}"u8), Is.Null);
    }

    [TestCase(LeaseLossKind.TakenOver, Codes.LogLocked)]
    [TestCase(LeaseLossKind.Removed, Codes.LogLocked)]
    [TestCase(LeaseLossKind.StoodStill, Codes.LogLocked)]
    [TestCase(LeaseLossKind.ShareFailed, Codes.LogIo)]
    public void Every_loss_has_a_code_and_asks_for_a_restart(int kind, int code)
    {
        var error = new LeaseLoss((LeaseLossKind)kind, Process, new IOException("Stale file handle")).ToException("/logs", TimeSpan.FromSeconds(15));

        Assert.That((error.Code, error.ExitCode), Is.EqualTo((code, ExitCodes.Restart)));
        Assert.That(new[] { error.Cause, error.Fix }, Is.All.Not.Null.And.All.Not.Empty);
        Assert.That(error.Message, Does.Contain("/logs"));
    }

    [Test]
    [Platform("Linux")]
    public void Only_a_process_of_this_boot_and_namespace_that_is_not_there_is_surely_dead()
    {
        var here = LeaseProcess.Current();
        using var child = System.Diagnostics.Process.Start("true");
        child.WaitForExit();
        var gone = here with { Id = child.Id };

        Assert.Multiple(() =>
        {
            Assert.That(here.IsSurelyDead(here), Is.False, "itself");
            Assert.That((here with { Started = here.Started + 1 }).IsSurelyDead(here), Is.True, "another process had its id");
            Assert.That(gone.IsSurelyDead(here), Is.True);
            Assert.That((gone with { Boot = "another" }).IsSurelyDead(here), Is.False, "on another machine");
            Assert.That((gone with { Namespace = "pid:[1]" }).IsSurelyDead(here), Is.False, "in another container");
            Assert.That((gone with { Boot = null }).IsSurelyDead(here with { Boot = null }), Is.False, "nothing is known");
            Assert.That((gone with { Namespace = null }).IsSurelyDead(here with { Namespace = null }), Is.False, "nothing is known");
        });
    }

    private static LeaseClaim Claim(int seconds) => new("other", seconds * 1000, false, Process, DateTimeOffset.UnixEpoch);

    private LeaseWatch Watch(int duration = 10, string? dead = null) =>
        new(new Machine(_world, 1, default).Clock, Claim(duration) with { Owner = "self" }, claim => claim.Owner == dead);

    private void Pass(double seconds) => _world.RunUntil(_world.Time + TimeSpan.FromSeconds(seconds));
}
