using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

public sealed class ClockOffsetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [TestCase(0, 200, 0, 0, TestName = "The same")]
    [TestCase(900, 1100, 0, 0, TestName = "The same, with the server's time cut off to whole seconds")]
    [TestCase(0, 8000, 5, 0, TestName = "An answer that took long says nothing against it")]
    [TestCase(0, 200, 600, 600_400, TestName = "This machine is behind")]
    [TestCase(0, 200, -600, -599_600, TestName = "This machine is ahead")]
    [TestCase(0, 10_000, 600, 595_500, TestName = "The middle of what it may be")]
    public void The_offset_is_what_the_answer_proves(int beforeMilliseconds, int afterMilliseconds, int serverSeconds, int offsetMilliseconds) => Assert.That(
        ClockOffset.Of(Noon.AddMilliseconds(beforeMilliseconds), Noon.AddMilliseconds(afterMilliseconds), Noon.AddSeconds(serverSeconds)),
        Is.EqualTo(TimeSpan.FromMilliseconds(offsetMilliseconds)));
}
