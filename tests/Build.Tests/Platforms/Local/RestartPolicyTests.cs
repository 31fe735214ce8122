using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class RestartPolicyTests
{
    [TestCase(75, LifeOutcome.Worked)]
    [TestCase(137, LifeOutcome.Worked)]
    [TestCase(0, LifeOutcome.Worked)]
    [TestCase(75, LifeOutcome.Killed)]
    public void An_instance_that_had_worked_or_that_we_killed_is_restarted_at_once(int exitCode, LifeOutcome life) =>
        Assert.That(
            RestartPolicy.Decide(exitCode, life, failuresBefore: 4), Is.EqualTo(new RestartDecision.Restart(TimeSpan.Zero)));

    [TestCase(78)]
    [TestCase(64)]
    public void An_exit_that_needs_a_person_is_final_even_after_work(int exitCode) =>
        Assert.That(RestartPolicy.Decide(exitCode, LifeOutcome.Worked, failuresBefore: 0), Is.InstanceOf<RestartDecision.Fail>());

    [TestCase(0, 0.0)]
    [TestCase(1, 0.2)]
    [TestCase(2, 0.5)]
    [TestCase(3, 1.0)]
    public void Lives_that_lead_nowhere_are_spaced_out(int failuresBefore, double seconds) =>
        Assert.That(
            RestartPolicy.Decide(75, LifeOutcome.Failed, failuresBefore),
            Is.EqualTo(new RestartDecision.Restart(TimeSpan.FromSeconds(seconds))));

    [Test]
    public void The_fifth_failure_in_a_row_is_the_last() =>
        Assert.That(RestartPolicy.Decide(75, LifeOutcome.Failed, failuresBefore: 4), Is.InstanceOf<RestartDecision.Fail>());

    [TestCase(true, VerifyKind.PerformanceTest, false, 0.0, LifeOutcome.Killed)]
    [TestCase(true, VerifyKind.None, false, null, LifeOutcome.Killed)]
    [TestCase(false, VerifyKind.PerformanceTest, true, 0.1, LifeOutcome.Worked)]
    [TestCase(false, VerifyKind.PerformanceTest, false, 3600.0, LifeOutcome.Failed)]
    [TestCase(false, VerifyKind.PerformanceTest, false, null, LifeOutcome.Failed)]
    [TestCase(false, VerifyKind.LogPattern, false, 10.0, LifeOutcome.Worked)]
    [TestCase(false, VerifyKind.LogPattern, false, 9.9, LifeOutcome.Failed)]
    [TestCase(false, VerifyKind.None, false, null, LifeOutcome.Failed)]
    public void A_life_is_good_for_what_was_done_in_it(bool killed, VerifyKind verify, bool progressed, double? readySeconds, LifeOutcome expected)
    {
        TimeSpan? ready = readySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        Assert.That(RestartPolicy.Judge(killed, verify, progressed, ready), Is.EqualTo(expected));
    }

    [TestCase(LifeOutcome.Worked, 0)]
    [TestCase(LifeOutcome.Killed, 3)]
    [TestCase(LifeOutcome.Failed, 4)]
    public void Failures_are_counted_until_work_is_done(LifeOutcome life, int expected) =>
        Assert.That(RestartPolicy.Failures(life, before: 3), Is.EqualTo(expected));
}
