using Ambrosia.PerformanceTest.Job;
using Ambrosia.PerformanceTest.Server;
using NUnit.Framework;

namespace Ambrosia.App.Tests.PerformanceTest;

/// <summary>Job and Server with each other, dying all the time.</summary>
public class PerformanceTestTests
{
    [TestCase(1, 1)]
    [TestCase(2, 3)]
    [TestCase(5, 2)]
    [TestCase(1000, 1000)]
    public void The_totals_are_exact_and_in_order_however_often_both_die(int checkpointEachOfJob, int checkpointEachOfServer)
    {
        var clock = new SteppingClock();
        var rounds = new Rounds(3, 24 << 20, 65536, Descending: true);
        var job = new LivedImmortal("job", output => new JobImmortal(rounds, "server", 0, clock, output), checkpointEachOfJob);
        var server = new LivedImmortal("server", output => new ServerImmortal(1, output), checkpointEachOfServer);

        Exchange(job, server);

        Assert.That(job.Lines[0], Is.EqualTo("Bytes per RPC\tThroughput (GB/sec)"));
        Assert.That(job.Lines.Skip(1).Take(3).Select(line => line.Split('\t')[0]), Is.EqualTo(new[] { "*X* 65536", "*X* 32768", "*X* 16384" }));
        Assert.That(job.Lines[^1], Is.EqualTo("DONE"));
        Assert.That(job.Lines, Has.Count.EqualTo(5));
        Assert.That(server.Lines, Is.EqualTo(new[]
        {
            "Service Received 16 MB so far", "Service Received 32 MB so far", "Service Received 48 MB so far", "Service Received 64 MB so far",
            "Bytes received: 75497472", "Out of order: 0", "DONE",
        }));
        Assert.That(job.Lives, Is.GreaterThan(10));
    }

    [Test]
    public void A_round_is_measured_from_its_start_until_the_server_has_processed_it()
    {
        var clock = new SteppingClock();
        var job = new LivedImmortal("job", output => new JobImmortal(new Rounds(1, 1 << 20, 65536, true), "server", 0, clock, output), 1);
        var server = new LivedImmortal("server", output => new ServerImmortal(1, output), 1);

        Exchange(job, server);

        // 1 MiB in the one second between two looks at the clock.
        Assert.That(job.Lines[1], Is.EqualTo("*X* 65536\t0.0009765625"));
    }

    [Test]
    public void Several_jobs_are_told_apart_and_the_server_is_done_when_all_are()
    {
        var clock = new SteppingClock();
        var server = new LivedImmortal("server", output => new ServerImmortal(3, output), 2);
        var jobs = Enumerable.Range(0, 3)
            .Select(number => new LivedImmortal($"job{number}", output => new JobImmortal(new Rounds(2, 100_000, 1000, true), "server", number, clock, output), 3))
            .ToArray();

        Exchange([.. jobs, server]);

        Assert.That(server.Lines, Is.EqualTo(new[] { "Bytes received: 600000", "Out of order: 0", "DONE" }));
        Assert.That(jobs.Select(job => job.Lines[^1]), Is.All.EqualTo("DONE"));
    }

    /// <summary>Lets all live until nobody has anything left to do.</summary>
    private static void Exchange(params LivedImmortal[] instances)
    {
        for (var busy = true; busy;)
        {
            busy = false;
            foreach (var instance in instances.Where(instance => instance.HasWork))
            {
                busy = true;
                foreach (var (destination, body) in instance.Live())
                {
                    instances.Single(other => other.Name == (destination.Length == 0 ? instance.Name : destination)).Deliver(body);
                }
            }
        }
    }
}
