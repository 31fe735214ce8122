using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KillRecoveryTests
{
    private readonly KillRecovery _recovery = new(3, "app of server", At(100));

    [Test]
    public void It_is_complete_with_the_first_progress_after_the_victim_is_back()
    {
        _recovery.Observe(isBack: true, At(100));
        var before = _recovery.IsComplete;
        _recovery.Observe(isBack: true, At(101));

        Assert.That((_recovery.IsBack, before, _recovery.IsComplete), Is.EqualTo((true, false, true)));
    }

    [Test]
    public void What_comes_in_while_the_victim_is_away_is_no_recovery()
    {
        _recovery.Observe(isBack: false, At(150));

        Assert.That((_recovery.IsBack, _recovery.IsComplete), Is.EqualTo((false, false)));
    }

    [Test]
    public void What_the_server_had_when_the_victim_came_back_is_no_progress_yet()
    {
        _recovery.Observe(isBack: true, At(150));
        _recovery.Observe(isBack: true, At(150));
        var before = _recovery.IsComplete;
        _recovery.Observe(isBack: true, At(151));

        Assert.That((before, _recovery.IsComplete), Is.EqualTo((false, true)));
    }

    [Test]
    public void The_end_of_the_work_is_progress()
    {
        _recovery.Observe(isBack: true, At(100) with { JobDone = true, ServerDone = true });

        Assert.That(_recovery.IsComplete, Is.True);
    }

    [Test]
    public void It_stays_complete_when_the_victim_goes_again()
    {
        _recovery.Observe(isBack: true, At(100));
        _recovery.Observe(isBack: true, At(101));
        _recovery.Observe(isBack: false, At(101));

        Assert.That((_recovery.IsBack, _recovery.IsComplete), Is.EqualTo((true, true)));
    }

    [TestCase(false, "It never became ready again.")]
    [TestCase(true, "It came back, but no new bytes arrived.")]
    public void A_recovery_that_never_comes_says_how_far_it_came(bool isBack, string cause)
    {
        _recovery.Observe(isBack, At(100));

        var failure = _recovery.Missing("60.0 s", "last lines");

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.ImmortalityFailed));
        Assert.That(failure.Message, Does.Contain("No recovery from kill 3 (app of server) within 60.0 s.").And.Contain(cause).And.Contain("last lines"));
    }

    private static WorkProgress At(long bytes) => WorkProgress.None with { HighestReceived = bytes };
}
