using Ambrosia.Build.Platforms.Local.Supervision;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class RestartPolicyTests
{
    [TestCase(75)]
    [TestCase(137)]
    [TestCase(0)]
    public void An_instance_that_had_worked_is_restarted_at_once(int exitCode) =>
        Assert.That(
            RestartPolicy.Decide(exitCode, wasReady: true, failuresBefore: 4),
            Is.EqualTo(new RestartDecision.Restart(TimeSpan.Zero)));

    [TestCase(78)]
    [TestCase(64)]
    public void An_exit_that_needs_a_person_is_final_even_after_work(int exitCode) =>
        Assert.That(RestartPolicy.Decide(exitCode, wasReady: true, failuresBefore: 0), Is.InstanceOf<RestartDecision.Fail>());

    [TestCase(0, 0.0)]
    [TestCase(1, 0.2)]
    [TestCase(2, 0.5)]
    [TestCase(3, 1.0)]
    public void Starts_that_fail_quickly_are_spaced_out(int failuresBefore, double seconds) =>
        Assert.That(
            RestartPolicy.Decide(75, wasReady: false, failuresBefore),
            Is.EqualTo(new RestartDecision.Restart(TimeSpan.FromSeconds(seconds))));

    [Test]
    public void The_fifth_quick_failure_in_a_row_is_the_last() =>
        Assert.That(RestartPolicy.Decide(75, wasReady: false, failuresBefore: 4), Is.InstanceOf<RestartDecision.Fail>());
}
