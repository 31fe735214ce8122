using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class CheckpointDecisionTests
{
    private const string Image = "spec.template.spec.containers[ambrosia].image";

    [Test]
    public void A_primary_is_asked() => Assert.That(Decide(Pod(ready: true)), Is.EqualTo((true, true)));

    [Test]
    public void One_that_is_not_ready_cannot_be_asked() => Assert.That(Decide(Pod(ready: false)), Is.EqualTo((true, false)));

    [Test]
    public void One_without_a_pod_cannot_be_asked() => Assert.That(Decide(null), Is.EqualTo((true, false)));

    [Test]
    public void One_that_is_going_away_cannot_be_asked()
    {
        var pod = Pod(ready: true);
        pod.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.That(Decide(pod), Is.EqualTo((true, false)));
    }

    [TestCase("spec.template.spec.containers[ambrosia].resources.requests.cpu")]
    [TestCase("spec.template.metadata.annotations.ambrosia.io/share-key-hash")]
    public void What_is_no_code_needs_none(string path) => Assert.That(Decide(Pod(ready: false), path).Needed, Is.False);

    [TestCase("spec.template.spec.containers[ambrosia].args")]
    [TestCase("spec.template.spec.containers[ambrosia].env[X].value")]
    public void Other_arguments_are_other_code(string path) => Assert.That(Decide(Pod(ready: true), path).Needed, Is.True);

    [TestCase("spec.template.spec.containers[ambrosia].imagePullPolicy")]
    public void A_name_that_begins_like_one_of_code_is_none(string path) => Assert.That(Decide(Pod(ready: false), path).Needed, Is.False);

    /// <summary>The kubelet may have ended it before its last checkpoint was done.</summary>
    [Test]
    public void Of_one_that_is_stopped_nothing_is_known() => Assert.That(Decide(null, replicas: 0), Is.EqualTo((true, false)));

    /// <summary>Otherwise a wrong image could never be put right.</summary>
    [Test]
    public void A_version_that_never_became_ready_has_recorded_nothing_and_the_one_before_was_asked() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 5), status: Pending, current: Revision("other")).Needed, Is.False);

    /// <summary>A change of resources alone asks nobody, and may be what keeps the version from becoming ready.</summary>
    [Test]
    public void A_version_that_never_became_ready_with_the_code_of_the_one_before_leaves_its_messages() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 5), status: Pending, current: Revision(Specs.Image.Reference)), Is.EqualTo((true, false)));

    [Test]
    public void Where_the_version_before_may_not_be_looked_at_its_messages_are_not_risked() => Assert.That(
        Decide(Pod(ready: false, revision: "new"), status: Pending), Is.EqualTo((true, false)));

    [Test]
    public void One_of_the_former_version_that_is_not_ready_may_have_recorded_something() => Assert.That(
        Decide(Pod(ready: false, revision: "old"), status: new V1StatefulSetStatus { Replicas = 1, CurrentRevision = "old", UpdateRevision = "new" }),
        Is.EqualTo((true, false)));

    [Test]
    public void One_whose_image_was_never_pulled_has_recorded_nothing()
    {
        var pod = Pod(ready: false);
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff" } };
        Assert.That(Decide(pod).Needed, Is.False);
    }

    private static V1StatefulSetStatus Pending => new() { Replicas = 1, CurrentRevision = "old", UpdateRevision = "new" };

    /// <summary>The version that was ready last, with an image.</summary>
    private static KubeObject Revision(string image)
    {
        var set = KubeObject.Of(Specs.Claims.Objects<V1StatefulSet>()[0]).Content;
        var template = set["spec"]!["template"]!.DeepClone();
        template["spec"]!["containers"]![0]!["image"] = image;
        return new KubeObject(new JsonObject
        {
            ["kind"] = "ControllerRevision",
            ["metadata"] = new JsonObject { ["name"] = "old" },
            ["data"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } },
        });
    }

    private static (bool Needed, bool Possible) Decide(
        V1Pod? pod, string path = Image, int replicas = 1, V1StatefulSetStatus? status = null, KubeObject? current = null)
    {
        var live = Specs.Claims.Objects<V1StatefulSet>()[0];
        live.Spec.Replicas = replicas;
        live.Status = status;
        var wanted = KubeObject.Of(Specs.Claims.Objects<V1StatefulSet>()[0]);
        var workload = new PlannedObject(wanted, KubeObject.Of(live), ObjectAction.Update, "", [new FieldDifference(path, "a", "b", null)]);
        var decision = CheckpointDecision.For(workload, pod, current);
        return (decision.IsNeeded, decision.IsPossible);
    }

    private static V1Pod Pod(bool ready, string revision = "old", int restarts = 0) => new()
    {
        Metadata = new V1ObjectMeta { Name = "generated-perftestserver-0", Labels = new Dictionary<string, string> { ["controller-revision-hash"] = revision } },
        Status = new V1PodStatus
        {
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = Naming.Container, Image = "", ImageID = "", Ready = ready, RestartCount = restarts,
                    State = new V1ContainerState { Running = new V1ContainerStateRunning() },
                },
            ],
        },
    };
}
