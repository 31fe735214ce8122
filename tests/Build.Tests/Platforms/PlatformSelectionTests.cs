using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms;

public sealed class PlatformSelectionTests
{
    [Test]
    public void Local_is_available()
    {
        var local = Substitute.For<IPlatform>();

        Assert.That(PlatformSelection.Select(TestSettings.PerformanceTest, kind => kind == PlatformKind.Local ? local : null), Is.SameAs(local));
    }

    [TestCase(PlatformKind.Kubernetes)]
    [TestCase(PlatformKind.Aks)]
    public void A_platform_of_later_is_refused_and_the_way_out_is_named(PlatformKind kind)
    {
        var settings = TestSettings.PerformanceTest with { Platform = kind };

        var error = Assert.Throws<BuildException>(
            () => PlatformSelection.Select(settings, kind => kind == PlatformKind.Local ? Substitute.For<IPlatform>() : null))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.PlatformNotAvailable));
        Assert.That(error.Message, Does.StartWith("AMB1020").And.Contain("--platform=local"));
    }
}
