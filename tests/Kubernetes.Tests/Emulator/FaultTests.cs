using Ambrosia.Emulators.Kubernetes.Api;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class FaultTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task A_busy_server_is_asked_again()
    {
        Cluster.Faults.Add(new Fault("PATCH", "/secrets/", 2) { Status = 429, RetryAfter = 1 });
        var result = await ApplyAsync(Manifests.Secret().ToJsonString());
        Assert.Multiple(() =>
        {
            Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
            Assert.That(Cluster.Requests.Where(request => request.Method == "PATCH").Select(request => request.Status), Is.EqualTo(new[] { 429, 429, 201 }));
        });
    }

    [Test]
    public async Task Errors_of_the_server_are_shown()
    {
        Cluster.Faults.Add(new Fault("GET", "/pods", 1) { Status = 500 });
        var internalError = await Kubectl.RunAsync("get", "pods");
        Cluster.Faults.Add(new Fault("GET", "/pods", 1) { Status = 503, ContentType = "text/plain", Body = "no healthy upstream" });
        var unavailable = await Kubectl.RunAsync("get", "pods");
        Cluster.Faults.Add(new Fault("PATCH", "/secrets/") { Cut = true });
        var cut = await ApplyAsync(Manifests.Secret().ToJsonString());
        Cluster.Faults.Add(new Fault("GET", "/pods", 1) { Delay = TimeSpan.FromMinutes(1) });
        var slow = await Kubectl.RunAsync("get", "pods", "--request-timeout=1s");
        Assert.Multiple(() =>
        {
            Assert.That(internalError.Error, Does.StartWith("Error from server (InternalError): Internal error occurred: etcdserver: request timed out"));
            Assert.That(unavailable.Error, Does.StartWith("Error from server (ServiceUnavailable): the server is currently unable to handle the request"));
            Assert.That(cut.ExitCode, Is.EqualTo(1));
            Assert.That(cut.Error, Does.Contain("EOF").Or.Contain("connection reset by peer"));
            Assert.That(slow.Error, Does.Contain("Client.Timeout exceeded while awaiting headers").Or.Contain("context deadline exceeded"));
        });
    }

    [Test]
    public async Task A_read_whose_connection_is_cut_is_tried_again()
    {
        Cluster.Faults.Add(new Fault("GET", "/pods", 1) { Cut = true });
        var result = await Kubectl.RunAsync("get", "pods");
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            Assert.That(Cluster.Requests.Count(request => request.Path.EndsWith("/pods", StringComparison.Ordinal)), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_rollout_survives_watches_that_are_cut_and_versions_that_are_forgotten()
    {
        Cluster.Faults.Add(new Fault("GET", "watch=true", 1) { CutAfterBytes = 40 });
        (await ApplyAsync(Manifests.StatefulSet().ToJsonString())).Check();
        Cluster.State.ForgetChanges();
        var result = await Kubectl.RunAsync("rollout", "status", "statefulset/web", "--timeout=30s");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    [Test]
    public async Task A_log_that_is_cut_ends()
    {
        await DeployAsync();
        Cluster.State.AppendLog("ambrosia", "web-0", "0123456789");
        Cluster.Faults.Add(new Fault("GET", "/log", 1) { CutAfterBytes = 5 });
        var result = await Kubectl.RunAsync("logs", "-f", "web-0");
        Assert.Multiple(() =>
        {
            Assert.That(result.Output, Is.EqualTo("01234"));
            Assert.That(Cluster.State.Get<V1Pod>("ambrosia", "web-0")!.Status.Phase, Is.EqualTo("Running"));
        });
    }
}
