using Ambrosia.Build.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Reporting;

public sealed class TerminalCapabilitiesTests
{
    [TestCase(false, false, "", true, true, true)]
    [TestCase(false, true, "", false, false, false)]
    [TestCase(true, false, "", true, true, false)]
    [TestCase(false, false, "CI=true", false, true, false)]
    [TestCase(false, false, "CI=false", true, true, true)]
    [TestCase(false, false, "NO_COLOR=1", true, false, true)]
    [TestCase(false, false, "TERM=dumb", false, false, false)]
    public void The_environment_decides(bool inputRedirected, bool outputRedirected, string variable, bool live, bool color, bool canAsk)
    {
        var capabilities = TerminalCapabilities.Detect(
            inputRedirected,
            outputRedirected,
            name => variable.StartsWith(name + "=", StringComparison.Ordinal) ? variable[(name.Length + 1)..] : null);

        Assert.That(capabilities, Is.EqualTo(new TerminalCapabilities(live, color, canAsk)));
    }
}
