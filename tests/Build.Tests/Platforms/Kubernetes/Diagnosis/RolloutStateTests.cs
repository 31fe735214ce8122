using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

public sealed class RolloutStateTests
{
    private static IEnumerable<TestCaseData> Statuses =>
    [
        new("""{"observedGeneration":2,"replicas":1,"readyReplicas":1,"currentReplicas":1,"updatedReplicas":1,"currentRevision":"r2","updateRevision":"r2"}""", true),
        new("""{"observedGeneration":2,"replicas":1,"readyReplicas":1,"currentReplicas":1,"currentRevision":"r2","updateRevision":"r2"}""", true),
        new("""{"observedGeneration":1,"replicas":1,"readyReplicas":1,"currentReplicas":1,"updatedReplicas":1,"currentRevision":"r2","updateRevision":"r2"}""", false),
        new("""{"observedGeneration":2,"replicas":1,"currentReplicas":1,"updatedReplicas":1,"currentRevision":"r2","updateRevision":"r2"}""", false),
        new("""{"observedGeneration":2,"replicas":1,"readyReplicas":1,"currentReplicas":1,"currentRevision":"r1","updateRevision":"r2"}""", false),
        new("""{"replicas":0}""", false),
    ];

    [TestCaseSource(nameof(Statuses))]
    public void It_is_complete_when_the_applied_template_runs_and_is_ready(string status, bool isComplete) =>
        Assert.That(RolloutState.IsComplete(ClusterObjects.Parse(Shapes.StatefulSet(status)).StatefulSets[0]), Is.EqualTo(isComplete));
}
