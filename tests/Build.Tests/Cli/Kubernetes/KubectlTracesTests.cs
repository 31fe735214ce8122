using Ambrosia.Build.Cli.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli.Kubernetes;

public sealed class KubectlTracesTests
{
    private const string Trace = "E1124 23:40:12.000000  123 memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list\"";

    private const string Refused = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?";

    [Test]
    public void What_kubectl_writes_for_its_own_developers_is_left_out() =>
        Assert.That(KubectlFailure.WithoutTraces($"{Trace}\n{Trace}\n{Refused}\n"), Is.EqualTo($"{Refused}\n"));

    [Test]
    public void Where_it_wrote_nothing_else_it_stays() => Assert.That(KubectlFailure.WithoutTraces(Trace), Is.EqualTo(Trace));
}
