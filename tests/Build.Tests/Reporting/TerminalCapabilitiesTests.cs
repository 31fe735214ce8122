using Ambrosia.Build.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Reporting;

public sealed class TerminalCapabilitiesTests
{
    [TestCase(false, "", true, true)]
    [TestCase(true, "", false, false)]
    [TestCase(false, "CI=true", false, true)]
    [TestCase(false, "CI=false", true, true)]
    [TestCase(false, "NO_COLOR=1", true, false)]
    [TestCase(false, "TERM=dumb", false, false)]
    public void The_environment_decides(bool redirected, string variable, bool live, bool color)
    {
        var capabilities = TerminalCapabilities.Detect(
            redirected, name => variable.StartsWith(name + "=", StringComparison.Ordinal) ? variable[(name.Length + 1)..] : null);

        Assert.That(capabilities, Is.EqualTo(new TerminalCapabilities(live, color)));
    }
}
