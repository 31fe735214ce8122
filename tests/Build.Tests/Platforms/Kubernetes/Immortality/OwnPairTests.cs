using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Immortality;

public sealed class OwnPairTests
{
    [Test]
    public void It_has_names_of_its_own_also_where_the_instances_name_each_other()
    {
        var settings = TestSettings.PerformanceTest with
        {
            Instances = [.. TestSettings.PerformanceTest.Instances.Select(instance => instance with { Command = ["Job", "-j", TestSettings.Job, "-s", TestSettings.Server, "-c"] })],
        };

        var pair = OwnPair.Of(settings);

        Assert.That(pair.ServiceName, Is.EqualTo("perftest-immortality"));
        Assert.That(pair.Instances.Select(instance => instance.Name), Is.EqualTo(new[] { "immortalperftestserver", "immortalperftestclient" }));
        Assert.That(pair.Instances[0].Command, Is.EqualTo(new[] { "Job", "-j", "immortalperftestclient", "-s", "immortalperftestserver", "-c" }));
    }

    [Test]
    public void More_work_is_larger_rounds_where_the_commands_take_them_and_no_disk_is_filled()
    {
        var settings = TestSettings.PerformanceTest;
        var total = settings.Verify.ExpectedBytes;
        var fixedSize = settings with { Instances = [.. settings.Instances.Select(instance => instance with { Command = ["Job", "--round-bytes", "1024"] })] };

        Assert.That(OwnPair.WithMoreWork(settings, 3)!.Verify.ExpectedBytes, Is.EqualTo(3 * total));
        Assert.That(OwnPair.WithMoreWork(settings, (int)((65L << 30) / total) + 1), Is.Null);
        Assert.That(OwnPair.WithMoreWork(fixedSize, 3), Is.Null);
    }

    [Test]
    public void The_program_keeps_its_name_when_an_instance_has_the_same()
    {
        var settings = TestSettings.PerformanceTest with { Instances = [new InstanceSettings("Server", ["Server", "Server"], 1, 2, 3, 1, 1)] };

        Assert.That(OwnPair.Of(settings).Instances[0].Command, Is.EqualTo(new[] { "Server", "immortalServer" }));
    }

    [TestCase(34)]
    [TestCase(35)]
    [TestCase(42)]
    public void Every_name_that_can_be_deployed_can_be_proven(int length)
    {
        var names = new[] { new string('a', length), new string('a', length - 1) + "b" }.Select(OwnPair.NameOf).ToList();

        Assert.That(names.Select(Naming.Object), Is.Unique.And.All.StartsWith("generated-immortalaaa"));
    }

    [Test]
    public void Its_label_is_no_longer_than_a_label_may_be() => Assert.That(
        OwnPair.ServiceNameOf(TestSettings.PerformanceTest with { ServiceName = new string('a', 63) }), Has.Length.EqualTo(63).And.EndsWith("-immortality"));
}
