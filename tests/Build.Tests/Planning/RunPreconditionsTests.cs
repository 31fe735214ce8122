using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Planning;

public sealed class RunPreconditionsTests
{
    [TestCase(VerifyKind.LogPattern)]
    [TestCase(VerifyKind.None)]
    public void A_proof_that_cannot_be_judged_is_refused_before_anything_is_made(VerifyKind kind)
    {
        var settings = TestSettings.With(verify => verify with { Kind = kind });

        Assert.That(
            () => RunPreconditions.Require(new RunScope(["Configure", "Immortality"]), settings),
            Throws.TypeOf<BuildException>().With.Property(nameof(BuildException.Code)).EqualTo(ErrorCode.ConfigurationInvalidValue));
        Assert.That(() => RunPreconditions.Require(new RunScope(["Configure", "Deploy"]), settings), Throws.Nothing);
    }

    [Test]
    public void The_performance_test_can_be_proved() =>
        Assert.That(() => RunPreconditions.Require(new RunScope(["Immortality"]), TestSettings.PerformanceTest), Throws.Nothing);
}
