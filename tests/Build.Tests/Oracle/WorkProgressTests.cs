using Ambrosia.Build.Oracle;
using Ambrosia.Build.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

public sealed class WorkProgressTests
{
    [Test]
    public void Replay_does_not_take_progress_back()
    {
        var progress = Server("Service Received 64 MB so far", "Service Received 32 MB so far");

        Assert.That(progress.HighestReceived, Is.EqualTo(64L << 20));
    }

    [Test]
    public void The_last_totals_count()
    {
        var progress = Server("Bytes received: 5", "Out of order: 2", "Bytes received: 7", "Out of order: 0");

        Assert.That((progress.BytesReceived, progress.OutOfOrder), Is.EqualTo((7L, 0L)));
    }

    [Test]
    public void It_is_over_when_both_say_so()
    {
        var server = Server("DONE");

        Assert.That(server.IsOver, Is.False);
        Assert.That(server.WithJobLine(new LogLine.Done()).IsOver, Is.True);
    }

    [Test]
    public void A_replayed_round_takes_the_place_of_its_first_showing()
    {
        var progress = Job("*X* 65536\t0.1", "*X* 32768\t0.2").WithJobRestarted();
        progress = Job(progress, "*X* 32768\t0.3", "*X* 16384\t0.4");

        Assert.That(
            progress.Rounds,
            Is.EqualTo(new ThroughputRow[] { new(65536, 0.1), new(32768, 0.3), new(16384, 0.4) }));
    }

    [Test]
    public void Rounds_of_one_size_are_all_kept_through_a_restart_at_the_start()
    {
        var progress = Job("*X* 16\t0.1", "*X* 16\t0.2").WithJobRestarted();
        progress = Job(progress, "*X* 16\t0.3", "*X* 16\t0.4", "*X* 16\t0.5");

        Assert.That(progress.Rounds.Select(row => row.GibPerSecond), Is.EqualTo(new[] { 0.3, 0.4, 0.5 }));
    }

    [Test]
    public void A_job_that_says_that_it_has_started_has_restarted()
    {
        var progress = Job("*X* 16\t0.1", "*X* 16\t0.2");

        Assert.That(progress.WithJobLine(new LogLine.AppStarted(7)), Is.EqualTo(progress.WithJobRestarted()).And.Not.EqualTo(progress));
    }

    [Test]
    public void More_bytes_and_more_rounds_are_ahead_and_replayed_ones_are_not()
    {
        var earlier = Job(Server("Service Received 64 MB so far"), "*X* 16\t0.1");

        Assert.That(earlier.WithServerLine(LogLine.Parse("Service Received 65 MB so far")!).IsAheadOf(earlier), Is.True);
        Assert.That(Job(earlier, "*X* 32\t0.1").IsAheadOf(earlier), Is.True);
        Assert.That(Job(earlier.WithJobRestarted(), "*X* 16\t0.3").WithServerLine(LogLine.Parse("Service Received 3 MB so far")!).IsAheadOf(earlier), Is.False);
    }

    private static WorkProgress Server(params string[] lines) =>
        lines.Aggregate(WorkProgress.None, (progress, line) => progress.WithServerLine(LogLine.Parse(line)!));

    private static WorkProgress Job(params string[] lines) => Job(WorkProgress.None, lines);

    private static WorkProgress Job(WorkProgress start, params string[] lines) =>
        lines.Aggregate(start, (progress, line) => progress.WithJobLine(LogLine.Parse(line)!));
}
