using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Tests.Cli;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

public sealed class ServerClockTests
{
    private static readonly ClusterAccess Access = new("/k", "kind-kind", "ambrosia");

    [Test]
    public async Task A_call_that_failed_is_made_again_and_an_answer_is_remembered()
    {
        var hourAhead = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        using var runner = new ScriptedProcessRunner(
            WhoAmI with { ExitCode = 1, Error = "Unable to connect to the server: dial tcp 127.0.0.1:1: i/o timeout\n" },
            WhoAmI with { Output = $$$"""{"metadata":{"creationTimestamp":"{{{hourAhead}}}"}}""" });
        var mask = new SecretMask();
        var clock = new ServerClock(new ClusterServices(new KubectlCli(runner, mask), runner, Substitute.For<IBuildConsole>(), mask, TimeProvider.System));

        var offsets = new[] { await clock.OffsetAsync(Access, default), await clock.OffsetAsync(Access, default), await clock.OffsetAsync(Access, default) };

        Assert.That(offsets[0], Is.EqualTo(TimeSpan.Zero));
        Assert.That(offsets[1..], Is.All.EqualTo(TimeSpan.FromHours(1)).Within(TimeSpan.FromMinutes(1)));
    }

    private static ScriptedCommand WhoAmI => new(
        "kubectl", ["--kubeconfig", "/k", "--context", "kind-kind", "--namespace", "ambrosia", "--request-timeout=30s", "auth", "whoami", "--output", "json"]);
}
