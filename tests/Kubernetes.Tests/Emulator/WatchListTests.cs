using Ambrosia.Emulators.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>A server that cannot begin a watch with the objects that are there, of the oldest supported version.</summary>
public sealed class WatchListTests(int minor) : ContractFixture(minor)
{
    protected override EmulatorOptions Options => new() { GitVersion = "v1.31.0", WatchList = false };

    [Test]
    public async Task A_rollout_is_followed_without_a_watch_that_begins_with_a_list()
    {
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        var result = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=30s");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            Assert.That(Cluster.Requests.Where(request => request.Status == 422).Select(request => request.Query), Is.All.Contains("sendInitialEvents=true"));
        });
    }
}
