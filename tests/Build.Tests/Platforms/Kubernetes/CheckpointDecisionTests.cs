using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Contracts;
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

    /// <summary>Otherwise a version that does not start could never be put right.</summary>
    [Test]
    public void A_version_that_was_never_primary_has_recorded_nothing_and_the_one_before_was_asked() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 5), status: Pending, current: Revision("other"), words: NeverPrimary).Needed, Is.False);

    /// <summary>The controller may not have looked while its pod was ready.</summary>
    [Test]
    public void A_version_that_was_primary_unseen_may_have_recorded_something() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 1), status: Pending, current: Revision("other"), words: new Recorded(RecordedKind.Possible, "")),
        Is.EqualTo((true, false)));

    [Test]
    public void A_version_of_which_nobody_knows_whether_it_was_primary_may_have_recorded_something() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 1), status: Pending, current: Revision("other")), Is.EqualTo((true, false)));

    [Test]
    public void A_version_whose_startup_probe_has_passed_was_primary()
    {
        var pod = Pod(ready: false, revision: "new");
        pod.Status.ContainerStatuses[0].Started = true;
        Assert.That(Decide(pod, status: Pending, current: Revision("other")), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_version_whose_pod_is_gone_may_have_recorded_something() =>
        Assert.That(Decide(null, status: Pending, current: Revision("other")), Is.EqualTo((true, false)));

    /// <summary>A change of resources alone asks nobody, and may be what keeps the version from becoming ready.</summary>
    [Test]
    public void A_version_that_was_never_primary_with_the_code_of_the_one_before_leaves_its_messages() => Assert.That(
        Decide(Pod(ready: false, revision: "new", restarts: 5), status: Pending, current: Revision(Specs.Image.Reference), words: NeverPrimary), Is.EqualTo((true, false)));

    [Test]
    public void Where_the_version_before_may_not_be_looked_at_its_messages_are_not_risked() => Assert.That(
        Decide(Pod(ready: false, revision: "new"), status: Pending, words: NeverPrimary), Is.EqualTo((true, false)));

    [TestCase("old")]
    [TestCase("new")]
    public void A_log_that_ends_in_a_checkpoint_needs_none_whoever_wrote_it(string revision) => Assert.That(
        Decide(Pod(ready: false, revision: revision, restarts: 5), status: Pending, words: new Recorded(RecordedKind.NothingAtAll, "")).Needed, Is.False);

    [Test]
    public void One_of_the_former_version_that_is_not_ready_may_have_recorded_something() => Assert.That(
        Decide(Pod(ready: false, revision: "old"), status: Pending, words: NeverPrimary), Is.EqualTo((true, false)));

    [Test]
    public void One_whose_image_was_never_pulled_has_recorded_nothing() => Assert.Multiple(() =>
    {
        Assert.That(Decide(Unpulled("old"), othersRan: false).Needed, Is.False, "the first pod of all");
        Assert.That(Decide(Unpulled("old")), Is.EqualTo((true, false)), "a pod on another node may have been primary before it");
        Assert.That(Decide(Unpulled("new"), status: Pending, current: Revision("other")).Needed, Is.False);
        Assert.That(Decide(Unpulled("new"), status: Pending, current: Revision(Specs.Image.Reference)), Is.EqualTo((true, false)), "but the one before was not asked");
    });

    /// <summary>A quota or an admission rule that refuses the new pod: other code must be able to follow.</summary>
    [Test]
    public void A_version_of_which_no_pod_was_made_has_recorded_nothing() => Assert.Multiple(() =>
    {
        Assert.That(Decide(null, status: Pending, current: Revision("other"), othersRan: false).Needed, Is.False);
        Assert.That(Decide(null, status: Pending, current: Revision(Specs.Image.Reference), othersRan: false), Is.EqualTo((true, false)));
        Assert.That(Decide(null, othersRan: false), Is.EqualTo((true, false)), "a version that was ready");
    });

    [Test]
    public void A_version_of_which_another_pod_ran_may_have_recorded_something() => Assert.That(
        Decide(Unpulled("new"), status: Pending, current: Revision("other"), othersRan: true), Is.EqualTo((true, false)));

    [Test]
    public void A_first_version_of_which_no_pod_was_primary_has_recorded_nothing() => Assert.Multiple(() =>
    {
        Assert.That(Decide(Pod(ready: false), words: NeverPrimary, othersRan: false).Needed, Is.False);
        Assert.That(Decide(Pod(ready: false), words: NeverPrimary), Is.EqualTo((true, false)));
    });

    [Test]
    public void History_is_asked_for_where_the_pod_that_is_there_does_not_tell() => Assert.Multiple(() =>
    {
        Assert.That(CheckpointDecision.NeedsHistory(Workload(status: Pending), null, null), Is.True);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(), Unpulled("old"), null), Is.True);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(status: Pending), Unpulled("new"), null), Is.True);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(), Pod(ready: false), NeverPrimary), Is.True);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(), Pod(ready: false), new Recorded(RecordedKind.NothingAtAll, "")), Is.False);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(), null, null), Is.False);
        Assert.That(CheckpointDecision.NeedsHistory(Workload(), Pod(ready: true), null), Is.False);
        Assert.That(CheckpointDecision.NeedsHistory(Workload("spec.template.spec.nodeSelector", status: Pending), null, null), Is.False);
    });

    [Test]
    public void Words_are_asked_for_where_the_status_does_not_tell() => Assert.Multiple(() =>
    {
        Assert.That(CheckpointDecision.NeedsWords(Workload(), Pod(ready: false)), Is.True);
        Assert.That(CheckpointDecision.NeedsWords(Workload(), Pod(ready: true)), Is.False);
        Assert.That(CheckpointDecision.NeedsWords(Workload(), Unpulled("new")), Is.False);
        Assert.That(CheckpointDecision.NeedsWords(Workload(), null), Is.False);
        Assert.That(CheckpointDecision.NeedsWords(Workload("spec.template.spec.nodeSelector"), Pod(ready: false)), Is.False);
    });

    /// <summary>An account that may not read ControllerRevisions.</summary>
    [Test]
    public void Where_the_version_before_cannot_be_seen_the_refusal_says_so()
    {
        var decision = CheckpointDecision.For(Workload(status: Pending), Unpulled("new"), current: null);

        Assert.That((decision.IsNeeded, decision.IsPossible), Is.EqualTo((true, false)));
        Assert.That(decision.Reason, Is.EqualTo("it never started, and which version ran before cannot be seen"));
    }

    /// <summary>The server leaves out what is empty.</summary>
    [Test]
    public void The_version_before_has_the_same_code_however_it_is_written()
    {
        var before = Revision(Specs.Image.Reference);
        var container = before.Content["data"]!["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var variables = container["env"] as JsonArray ?? [];
        Assert.That(variables, Is.Not.Empty);
        variables[0]!["valueFrom"] = null;

        Assert.That(Decide(Unpulled("new"), status: Pending, current: before), Is.EqualTo((true, false)), "it was not asked for a checkpoint");
    }

    /// <summary>What is proposed must not end in the same refusal.</summary>
    [Test]
    public void A_refusal_proposes_the_present_image_where_the_image_alone_has_changed() => Assert.Multiple(() =>
    {
        Assert.That(Remedy(Image), Does.Contain($"--image={Specs.Image.Reference[(Specs.Image.Reference.IndexOf('@', StringComparison.Ordinal) + 1)..]} stays with the present image"));
        Assert.That(Remedy(Image), Does.Not.Contain("set back"));
        Assert.That(Remedy("spec.template.spec.containers[ambrosia].args"), Does.Contain("set back in the configuration").And.Not.Contain("--image"));
        Assert.That(Remedy(Image, "spec.template.spec.containers[ambrosia].args"), Does.Match("set back in the configuration.*--image="));
        Assert.That(Remedy(Image, $"metadata.annotations.{Naming.PreviousImageAnnotation}"), Does.Not.Contain("the one before").And.Not.Contain("set back"));
    });

    [Test]
    public void A_refusal_names_a_deletion_that_hits_no_other_cluster() => Assert.That(
        Remedy(Image),
        Does.Contain("; kubectl --kubeconfig /k --context kind-kind --namespace ambrosia delete statefulset/generated-perftestserver persistentvolumeclaim/generated-perftestserver-logs before"));

    private static string Remedy(params string[] paths)
    {
        var live = KubeObject.Of(Specs.Claims.Objects<V1StatefulSet>()[0]).WithAnnotation(Naming.PreviousImageAnnotation, "registry.invalid/perftest@sha256:" + new string('c', 64));
        var workload = Workload() with { Live = live, Differences = [.. paths.Select(path => new FieldDifference(path, "a", "b", null))] };
        return Checkpoints.Unavailable(new ClusterAccess("/k", "kind-kind", "ambrosia"), new KubernetesPlan(Specs.Claims, [workload]), workload, "it is not ready", null).Remedy!;
    }

    private static Recorded NeverPrimary => new(RecordedKind.NotByThisPod, "it was never primary");

    private static V1Pod Unpulled(string revision)
    {
        var pod = Pod(ready: false, revision);
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff" } };
        return pod;
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
        V1Pod? pod, string path = Image, int replicas = 1, V1StatefulSetStatus? status = null, KubeObject? current = null, Recorded? words = null,
        bool? othersRan = null)
    {
        var decision = CheckpointDecision.For(Workload(path, replicas, status), pod, current, words, othersRan);
        return (decision.IsNeeded, decision.IsPossible);
    }

    private static PlannedObject Workload(string path = Image, int replicas = 1, V1StatefulSetStatus? status = null)
    {
        var live = Specs.Claims.Objects<V1StatefulSet>()[0];
        live.Spec.Replicas = replicas;
        live.Status = status;
        var wanted = KubeObject.Of(Specs.Claims.Objects<V1StatefulSet>()[0]);
        return new PlannedObject(wanted, KubeObject.Of(live), ObjectAction.Update, "", [new FieldDifference(path, "a", "b", null)]);
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
