using Ambrosia.Build.Platforms.Local.Runs;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class CoordinatorCommandTests
{
    [Test]
    public void The_job_is_started_with_its_ports_peer_and_work()
    {
        var settings = TestSettings.PerformanceTest;
        var ports = new Dictionary<string, InstancePorts>
        {
            [TestSettings.Server] = new(1001, 1002, 1003, 1004),
            [TestSettings.Job] = new(2001, 2002, 2003, 2004),
        };
        var directory = new RunDirectory("/runs/r1");

        var arguments = CoordinatorCommand.Arguments(settings.Instances[1], ports, settings.Verify, directory, program => "/app/" + program);

        Assert.That(arguments, Is.EqualTo(new[]
        {
            "run", "--instance", "perftestclient", "--log", directory.Logs("perftestclient"), "--listen", "127.0.0.1:2001",
            "--peer", "perftestserver=127.0.0.1:1001",
            "--receive-port", "2002", "--send-port", "2003", "--health-port", "2004", "--trigger-size", "512",
            "--durability", "device", "--lock", "flock", "--state-version", "3", "--grace-period", "8", "--supervised", "--",
            "/app/Job", "--sp", "2002", "--rp", "2003", "--mms", "65536", "-n", "2", "--round-bytes", "52428800",
        }));
    }

    [Test]
    public void A_published_program_is_found_by_its_name() =>
        Assert.That(CoordinatorCommand.ResolveProgram("Job", "/published", _ => true), Does.StartWith(Path.Combine("/published", "Job")));

    [Test]
    public void Any_other_program_is_left_to_the_path() =>
        Assert.That(CoordinatorCommand.ResolveProgram("python3", "/published", _ => false), Is.EqualTo("python3"));

    [Test]
    public void An_absolute_path_stays()
    {
        var path = Path.GetFullPath("/usr/bin/thing");

        Assert.That(CoordinatorCommand.ResolveProgram(path, "/published", _ => true), Is.EqualTo(path));
    }

    [Test]
    public void Ports_are_all_different() =>
        Assert.That(
            FreePorts.Choose(3).SelectMany(ports => new[] { ports.Coordinator, ports.Receive, ports.Send, ports.Health }), Is.Unique);
}
