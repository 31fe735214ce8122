using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

public sealed class RunMatchTests
{
    [Test]
    public void A_run_fits_the_settings_that_it_was_made_with()
    {
        var settings = TestSettings.PerformanceTest;

        Assert.That(RunMatch.Difference(Record(settings), settings), Is.Null);
    }

    [Test]
    public void A_run_of_other_instances_is_named_with_them()
    {
        var settings = TestSettings.PerformanceTest;
        var other = settings with { Instances = [settings.Instances[0] with { Name = "adderserver" }] };

        Assert.That(RunMatch.Difference(Record(other), settings), Does.StartWith("its instances are adderserver, and the configuration's are "));
    }

    [Test]
    public void A_run_of_other_work_is_named_with_it()
    {
        var settings = TestSettings.PerformanceTest;
        var more = settings with { Verify = settings.Verify with { Rounds = settings.Verify.Rounds + 3 } };

        Assert.That(
            RunMatch.Difference(Record(more), settings),
            Is.EqualTo($"its work is {more.Verify.ExpectedBytes} bytes, and the configuration's is {settings.Verify.ExpectedBytes}"));
    }

    private static RunRecord Record(BuildSettings settings) => new()
    {
        Id = "r1",
        Target = "Deploy",
        State = RunState.Done,
        Started = DateTimeOffset.UnixEpoch,
        Suite = new ProcessIdentity(1, 1),
        Instances = [.. settings.Instances.Select(instance => new InstanceRecord { Name = instance.Name, Ports = new InstancePorts(1, 2, 3, 4) })],
        ExpectedBytes = settings.Verify.ExpectedBytes,
    };
}
