using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>This machine's clock is ten minutes ahead of the cluster's, or behind it.</summary>
[TestFixture(31, 10)]
[TestFixture(35, 10)]
[TestFixture(35, -10)]
public sealed class ClockTests(int minor, int minutesAhead) : DeploymentFixture(minor)
{
    protected override int Acceleration => 20;

    protected override TimeSpan Ahead => TimeSpan.FromMinutes(minutesAhead);

    [Test]
    public async Task What_happened_just_now_is_not_taken_for_old(CancellationToken cancellation)
    {
        Settings = Settings with { Verify = Settings.Verify with { Deadline = TimeSpan.FromSeconds(150) } };
        Cluster.Scenario.Set(Ns, "generated-perftestclient", new PodBehaviour.QuotaExceeded("exceeded quota: quota, requested: requests.memory=32Mi"));
        await DeployAsync(cancellation);

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Rollout().WaitAsync(Access, Settings, cancellation)))!;

        Assert.That(failure.What, Does.Contain("exceeded quota"));
        Assert.That(Screen.Text, Does.Match(minutesAhead > 0 ? "this machine is (10:0|9:5).* ahead of the cluster's" : "this machine is (10:0|9:5).* behind the cluster's"));
        Assert.That(Screen.Text.Split("The clock of").Length - 1, Is.EqualTo(1), "it is said once");
    }

    [Test]
    public async Task A_pod_that_ends_in_its_time_is_not_taken_for_stuck(CancellationToken cancellation)
    {
        await DeployReadyAsync(cancellation);
        Cluster.State.SetNodeReady("node1", false); // so that it does not end before it is looked at
        await Services.Kubectl.TryAsync(Access, new("delete", $"pod/{JobPod}", "--wait=false", "--grace-period=300"), cancellation);

        var snapshot = await new RolloutObserver(Services).LookAsync(Access, Settings.ServiceName, Services.Time.GetUtcNow(), cancellation);

        Assert.That(Cluster.State.Get<V1Pod>(Ns, JobPod)!.Metadata.DeletionTimestamp, Is.Not.Null);
        Assert.That((snapshot.Now - DateTimeOffset.UtcNow).Duration(), Is.LessThan(TimeSpan.FromMinutes(1)), "by the cluster's clock");
        Assert.That(RolloutDiagnosis.Of(snapshot).Select(problem => problem.Kind), Has.None.EqualTo(RolloutProblemKind.TerminatingStuck));
    }
}

/// <summary>A server that does not tell its time.</summary>
public sealed class ServerWithoutClockTests(int minor) : DeploymentFixture(minor)
{
    internal override EmulatorOptions Options => new() { GitVersion = "v1.21.14" };

    [Test]
    public async Task Its_time_is_not_known(CancellationToken cancellation) =>
        Assert.That(await Services.Kubectl.ServerTimeAsync(Access, cancellation), Is.Null);
}
