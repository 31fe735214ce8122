using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using NUnit.Framework;
using Kind = Ambrosia.Build.Platforms.Kubernetes.Diagnosis.RolloutProblemKind;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Diagnosis;

public sealed class RolloutDiagnosisTests
{
    private const string Resolve = "rpc error: code = Unknown desc = failed to pull and unpack image \"reg/app:1\": failed to resolve reference \"reg/app:1\": ";

    private static IEnumerable<TestCaseData> Containers =>
    [
        Row("a refused pull", Shapes.Waiting("ErrImagePull", Resolve + "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized"), Kind.PullRefused, "role assignment", "AcrPull"),
        Row("a refused pull of Docker Hub", Shapes.Waiting("ErrImagePull", Resolve + "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"), Kind.PullRefused, "refuses", "pull Secret"),
        Row("a missing tag", Shapes.Waiting("ErrImagePull", Resolve + "reg/app:1: not found"), Kind.ImageNotFound, "never pushed", "--target=Push"),
        Row("a missing repository", Shapes.Waiting("ErrImagePull", "Error response from daemon: manifest for reg/app:1 not found: manifest unknown: manifest unknown"), Kind.ImageNotFound, "never pushed", "--target=Push"),
        Row("a rate limit", Shapes.Waiting("ErrImagePull", Resolve + "unexpected status code: 429 Too Many Requests - toomanyrequests: You have reached your pull rate limit."), Kind.PullRateLimited, "limits", "login"),
        Row("a registry nobody knows", Shapes.Waiting("ErrImagePull", Resolve + "failed to do request: Head \"https://reg/v2/app/manifests/1\": dial tcp: lookup reg on 127.0.0.1:53: server misbehaving"), Kind.RegistryUnreachable, "do not reach", "name as the nodes see it"),
        Row("a registry that is the node itself", OfLoopback(Shapes.Waiting("ErrImagePull", Resolve + "failed to do request: Head \"https://127.0.0.1:5000/v2/app/manifests/1\": dial tcp 127.0.0.1:5000: connect: connection refused")), Kind.RegistryOnNode, "127.0.0.1:5000 is, on a node, the node itself", "kubernetes.pullRegistry"),
        Row("a registry that is refused elsewhere", Shapes.Waiting("ErrImagePull", Resolve + "failed to do request: Head \"https://reg/v2/app/manifests/1\": dial tcp 10.0.0.9:443: connect: connection refused"), Kind.RegistryUnreachable, "do not reach", "name as the nodes see it"),
        Row("an image that this machine's registry does not have", OfLoopback(Shapes.Waiting("ErrImagePull", Resolve + "127.0.0.1:5000/app:1: not found")), Kind.ImageNotFound, "never pushed", "--target=Push"),
        Row("a registry without TLS", Shapes.Waiting("ErrImagePull", Resolve + "failed to do request: Head \"https://reg/v2/app/manifests/1\": http: server gave HTTP response to HTTPS client"), Kind.RegistryWithoutTls, "plain HTTP", "a certificate"),
        Row("a back-off that has the cause in it", Shapes.Waiting("ImagePullBackOff", "Back-off pulling image \"reg/app:1\": ErrImagePull: " + Resolve + "reg/app:1: not found"), Kind.ImageNotFound, "never pushed", "--target=Push"),
        Row("another processor's image", Shapes.Waiting("ErrImagePull", "failed to pull and unpack image \"reg/app:1\": no match for platform in manifest: not found"), Kind.WrongPlatform, "another processor", "images.platform"),
        Row("a full disk", Shapes.Waiting("ErrImagePull", "failed to extract layer: write /var/lib/x: no space left on device"), Kind.NodeDiskFull, "disk is full", "free space"),
        Row("an image that was not loaded", Shapes.Waiting("ErrImageNeverPull", "Container image \"reg/app:1\" is not present with pull policy of Never"), Kind.ImageNotOnNode, "not loaded", "--target=Push"),
        Row("an invalid name", Shapes.Waiting("InvalidImageName", "Failed to apply default image tag \"Reg/App:::1\": couldn't parse image reference"), Kind.InvalidImageName, "not valid", "images.public"),
        Row("a missing Secret", Shapes.Waiting("CreateContainerConfigError", "secret \"web-secret\" not found"), Kind.SecretMissing, "not in its namespace", "--target=Deploy"),
        Row("a missing key of a Secret", Shapes.Waiting("CreateContainerConfigError", "couldn't find key password in Secret ns/web-secret"), Kind.SecretMissing, "not in its namespace", "--target=Deploy"),
        Row("a missing ConfigMap", Shapes.Waiting("CreateContainerConfigError", "configmap \"c\" not found"), Kind.ConfigurationMissing, "not in its namespace", "--target=Deploy"),
        Row("root where that is forbidden", Shapes.Waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root (pod: \"x\", container: ambrosia)"), Kind.RunsAsRoot, "runs as root", "USER 1654"),
        Row("memory", Shapes.BackOff(137, "OOMKilled"), Kind.OutOfMemory, "limit", "raise kubernetes.resources.limits.memory"),
        Row("a missing command", Shapes.BackOff(128, "StartError", "failed to create containerd task: OCI runtime create failed: runc create failed: exec: \"/no/such\": stat /no/such: no such file or directory: unknown"), Kind.CommandMissing, "does not hold", "instances[].command"),
        Row("a missing command on PATH", Shapes.Waiting("RunContainerError", "exec: \"Jobb\": executable file not found in $PATH: unknown"), Kind.CommandMissing, "does not hold", "instances[].command"),
        Row("a file without execute permission", Shapes.BackOff(128, "StartError", "exec: \"/app/Job\": permission denied: unknown"), Kind.CommandMissing, "not executable", "chmod +x"),
        Row("a program for another processor", Shapes.BackOff(128, "StartError", "exec /app/Job: exec format error"), Kind.WrongPlatform, "another processor", "images.platform"),
        Row("an exit code", Shapes.BackOff(3, "Error"), Kind.CrashLoop, "last lines", "deploy again"),
        Row("the moment after an end", """ "restartCount":3,"state":{"terminated":{"exitCode":3,"reason":"Error"}} """, Kind.CrashLoop, "last lines", "deploy again"),
        Row("a life that waits for its end", """ "restartCount":3,"state":{"running":{}},"lastState":{"terminated":{"exitCode":3,"reason":"Error"}} """, Kind.CrashLoop, "last lines", "deploy again"),
    ];

    /// <summary>A later name in an object goes before an earlier one.</summary>
    private static string OfLoopback(string container) => $"\"image\":\"127.0.0.1:5000/app:1\",{container}";

    private static IEnumerable<TestCaseData> Scheduling =>
    [
        Row("too little processor", "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available.", Kind.Unschedulable, "enough cpu", "nodeCount"),
        Row("too little memory", "0/1 nodes are available: 1 Insufficient memory.", Kind.Unschedulable, "enough memory", "nodeCount"),
        Row("too many pods", "0/1 nodes are available: 1 Too many pods.", Kind.Unschedulable, "as many pods", "add a node"),
        Row("taints", "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: true}.", Kind.Unschedulable, "taints", "add a node"),
        Row("another platform beside a control plane's taint", "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.", Kind.Unschedulable, "image's platform", "images.platform"),
        Row("taints of nodes that are not ready", "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.", Kind.NodeNotReady, "not ready", "describe nodes"),
        Row("cordoned nodes", "0/2 nodes are available: 2 node(s) were unschedulable.", Kind.Unschedulable, "cordoned", "kubectl --kubeconfig /k --context kind-kind --namespace ns uncordon NODE"),
        Row("a volume elsewhere", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.", Kind.Unschedulable, "zone", "--scope=logs"),
        Row("a missing claim", "0/1 nodes are available: persistentvolumeclaim \"nope\" not found.", Kind.ClaimMissing, "removed, or never made", "--target=Deploy"),
        Row("an unbound claim", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", Kind.ClaimUnbound, "no volume was made", "storageclass"),
        Row("no node at all", "no nodes available to schedule pods", Kind.Unschedulable, "no node", "start"),
    ];

    private static IEnumerable<TestCaseData> Mounts =>
    [
        Row("a rotated key", "MountVolume.MountDevice failed for volume \"v\" : rpc error: code = Internal desc = volume(v) mount failed: mount error(13): Permission denied", Kind.MountRefused, "rotated", "--target=Deploy"),
        Row("a missing share", "MountVolume.MountDevice failed for volume \"v\" : rpc error: mount error(2): No such file or directory", Kind.MountRefused, "no such share", "--target=ProvisionStorage"),
        Row("a closed port", "MountVolume.MountDevice failed for volume \"v\" : rpc error: mount error(115): Operation now in progress", Kind.MountFailed, "port 445", "azure.storage.kind"),
        Row("a missing key", "MountVolume.MountDevice failed for volume \"v\" : rpc error: could not get account key from secret(azure-fileshare-secret): secrets \"azure-fileshare-secret\" not found", Kind.SecretMissing, "key is missing", "--target=Deploy"),
        Row("a driver that is not there", "MountVolume.MountDevice failed for volume \"v\" : kubernetes.io/csi: driver name file.csi.azure.com not found in the list of registered CSI drivers", Kind.MountFailed, "driver", "kube-system"),
        Row("a disk elsewhere", "Multi-Attach error for volume \"v\" Volume is already exclusively attached to one node", Kind.VolumeInUse, "former pod", "wait"),
        Row("a directory that is not there", "MountVolume.SetUp failed for volume \"data\" : hostPath type check failed: /no-such-dir is not a directory", Kind.MountFailed, "cannot be mounted", "describe pod"),
    ];

    private static IEnumerable<TestCaseData> Refusals =>
    [
        Row("a quota", "create Pod generated-perftestclient-0 in StatefulSet generated-perftestclient failed error: pods \"generated-perftestclient-0\" is forbidden: exceeded quota: quota, requested: requests.memory=32Mi, used: requests.memory=0, limited: requests.memory=16Mi", Kind.QuotaExceeded, "ResourceQuota", "raise it"),
        Row("a quota on limits", "create Pod x failed error: pods \"x\" is forbidden: failed quota: compute: must specify limits.cpu for: ambrosia; limits.memory for: ambrosia", Kind.QuotaExceeded, "asks for other", "set kubernetes.resources.limits"),
        Row("a LimitRange's lower bound", "create Pod x failed error: pods \"x\" is forbidden: minimum cpu usage per Container is 200m, but request is 100m", Kind.QuotaExceeded, "LimitRange", "set kubernetes.resources"),
        Row("a LimitRange's default limit", "create Pod x failed error: Pod \"x\" is invalid: spec.containers[0].resources.requests: Invalid value: \"256Mi\": must be less than or equal to memory limit of 128Mi", Kind.QuotaExceeded, "LimitRange", "set kubernetes.resources"),
        Row("a missing ServiceAccount", "create Pod generated-perftestclient-0 in StatefulSet generated-perftestclient failed error: pods \"generated-perftestclient-0\" is forbidden: error looking up service account ns/nope: serviceaccount \"nope\" not found", Kind.ServiceAccountMissing, "does not exist", "make it"),
        Row("a Pod Security level", "create Pod x failed error: pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true", Kind.PodRefused, "Pod Security", "lower level"),
        Row("a webhook", "create Pod x failed error: Internal error occurred: failed calling webhook \"w\": timeout", Kind.PodRefused, "webhook", "administrator"),
    ];

    [TestCaseSource(nameof(Containers))]
    public void A_container_that_does_not_run_is_explained(string state, Kind kind, string cause, string cure) =>
        Check(Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Pending", state)], []), kind, cause, cure);

    [TestCaseSource(nameof(Scheduling))]
    public void A_pod_without_a_node_is_explained(string message, Kind kind, string cause, string cure) =>
        Check(Shapes.Snapshot([Shapes.WaitingSet, Shapes.Unscheduled(message)], []), kind, cause, cure);

    [TestCaseSource(nameof(Mounts))]
    public void A_volume_that_cannot_be_mounted_is_explained(string message, Kind kind, string cause, string cure) =>
        Check(
            Shapes.Snapshot(
                [Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ContainerCreating"))], [Shapes.Event("Pod", Shapes.Pod, "FailedMount", message)]),
            kind, cause, cure);

    [TestCase("plugin type=\"bridge\" failed (add): network plugin is not ready: cni config uninitialized", "network", "network plugin")]
    [TestCase("failed to setup network for sandbox \"0a\": plugin type=\"bridge\" failed (add)", "network", "network plugin")]
    [TestCase("failed to get sandbox image \"registry.invalid/pause:1\": dial tcp: connect: network is unreachable", "holds a pod together", "reach the registry")]
    [TestCase("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unknown", "container runtime", "logs of its kubelet")]
    public void A_pod_that_the_node_cannot_start_is_explained(string message, string cause, string cure) =>
        Check(
            Shapes.Snapshot(
                [Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ContainerCreating"))],
                [Shapes.Event("Pod", Shapes.Pod, "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = " + message)]),
            Kind.ContainerNotCreated, cause, cure);

    [TestCaseSource(nameof(Refusals))]
    public void A_pod_that_cannot_be_made_is_explained(string message, Kind kind, string cause, string cure) =>
        Check(Shapes.Snapshot([Shapes.WaitingSet], [Shapes.Event("StatefulSet", Shapes.Instance, "FailedCreate", message)]), kind, cause, cure);

    [Test]
    public void A_back_off_without_a_cause_is_explained_by_the_event_before_it()
    {
        var snapshot = Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ImagePullBackOff", "Back-off pulling image \"reg/app:1\""))],
            [
                Shapes.Event("Pod", Shapes.Pod, "Failed", "Failed to pull image \"reg/app:1\": " + Resolve + "unexpected status: 403 Forbidden"),
                Shapes.Event("Pod", Shapes.Pod, "Failed", "Error: ImagePullBackOff", last: "2026-03-04T05:06:03Z"),
                Shapes.Event("Pod", "another-pod", "Failed", "Failed to pull image \"other\": not found", last: "2026-03-04T05:06:05Z"),
            ]);

        Check(snapshot, Kind.PullRefused, "refuses", "AcrPull");
        Assert.That(RolloutDiagnosis.Of(snapshot)[0].What, Does.Contain("403 Forbidden"), "the registry's answer is shown");
    }

    private static IEnumerable<TestCaseData> EventsOfOthers =>
    [
        new TestCaseData("Pod", Shapes.Pod, "FailedMount", "mount error(13): Permission denied", Shapes.Waiting("ContainerCreating")).SetArgDisplayNames("mount"),
        new TestCaseData("Pod", Shapes.Pod, "Failed", "Failed to pull image \"reg/app:1\": reg/app:1: not found", Shapes.Waiting("ImagePullBackOff", "Back-off pulling image \"reg/app:1\"")).SetArgDisplayNames("pull"),
        new TestCaseData("Pod", Shapes.Pod, "Unhealthy", "Readiness probe failed: 503", """ "state":{"running":{}} """).SetArgDisplayNames("probe"),
        new TestCaseData("Pod", Shapes.Pod, "NodeNotReady", "Node is not ready", """ "state":{"running":{}} """).SetArgDisplayNames("node"),
    ];

    [TestCaseSource(nameof(EventsOfOthers))]
    public void What_happened_to_a_former_pod_of_the_same_name_is_not_this_ones_trouble(string kind, string name, string reason, string message, string state)
    {
        foreach (var uid in new[] { "uid-of-the-former", "" })
        {
            var problem = RolloutDiagnosis.Of(Shapes.Snapshot(
                [Shapes.WaitingSet, Shapes.PodWith("Running", state)], [Shapes.Event(kind, name, reason, message, uid: uid)]))[0];

            Assert.That(problem.Kind, Is.EqualTo(reason == "Failed" ? Kind.PullFailed : Kind.InProgress), problem.What);
        }
    }

    [Test]
    public void A_pod_that_could_not_be_made_before_this_wait_is_no_news()
    {
        var old = Shapes.Event("StatefulSet", Shapes.Instance, "FailedCreate", "exceeded quota: quota", last: "2026-03-04T04:30:00Z");
        var another = Shapes.Event("StatefulSet", Shapes.Instance, "FailedCreate", "exceeded quota: quota", uid: "uid-of-the-former");
        var sinceMade = Shapes.Event("StatefulSet", Shapes.Instance, "SuccessfulCreate", "create Pod", "Normal", last: "2026-03-04T05:06:02Z");
        var before = Shapes.Event("StatefulSet", Shapes.Instance, "FailedCreate", "exceeded quota: quota");

        foreach (var events in new string[][] { [old], [another], [before, sinceMade] })
            Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet], events))[0].Kind, Is.EqualTo(Kind.InProgress));
    }

    [Test]
    public void What_events_alone_tell_is_marked_as_such()
    {
        var creating = Shapes.PodWith("Pending", Shapes.Waiting("ContainerCreating"));
        var mount = Shapes.Event("Pod", Shapes.Pod, "FailedMount", "mount error(13): Permission denied");
        var refused = Shapes.Event("StatefulSet", Shapes.Instance, "FailedCreate", "exceeded quota: quota");

        Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, creating], [mount]))[0].IsFromEvents, Is.True);
        Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet], [refused]))[0].IsFromEvents, Is.True);
        Assert.That(
            RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ErrImagePull", Resolve + "reg/app:1: not found"))], []))[0].IsFromEvents,
            Is.False, "the pod itself shows it");
    }

    [Test]
    public void A_mount_that_came_right_is_forgotten_when_the_image_is_pulled() => Assert.That(
        RolloutDiagnosis.Of(Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ContainerCreating"))],
            [
                Shapes.Event("Pod", Shapes.Pod, "FailedMount", "mount error(13): Permission denied"),
                Shapes.Event("Pod", Shapes.Pod, "Pulling", "Pulling image", "Normal", last: "2026-03-04T05:06:03Z"),
            ]))[0].Kind,
        Is.EqualTo(Kind.InProgress));

    [Test]
    public void A_pod_that_is_ending_is_not_in_the_new_ones_way_though_its_probe_fails()
    {
        var ending = Shapes.PodWith("Running", """ "state":{"running":{}} """, ""","deletionTimestamp":"2026-03-04T05:06:30Z" """, revision: "r1");

        var problem = RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, ending], [Shapes.Event("Pod", Shapes.Pod, "Unhealthy", "Readiness probe failed: 503")]))[0];

        Assert.That((problem.Kind, problem.IsHelpedByNewPod), Is.EqualTo((Kind.InProgress, false)));
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    public void A_container_whose_startup_probe_has_not_passed_is_starting(bool started, bool isStarting)
    {
        var pod = Shapes.PodWith("Running", $$$""" "started":{{{(started ? "true" : "false")}}},"state":{"running":{}} """);
        var probe = Shapes.Event("Pod", Shapes.Pod, "Unhealthy", "Startup probe failed: 503");

        Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, pod], []))[0].IsStarting, Is.EqualTo(isStarting));
        Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, pod], [probe]))[0].IsStarting, Is.EqualTo(isStarting));
    }

    [Test]
    public void A_refused_pull_may_come_right_by_itself_and_a_missing_tag_may_not()
    {
        var problems = new[] { "unexpected status: 401 Unauthorized", "reg/app:1: not found" }
            .Select(answer => RolloutDiagnosis.Of(Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Pending", Shapes.Waiting("ErrImagePull", Resolve + answer))], []))[0]);

        Assert.That(problems.Select(problem => (problem.IsNotYet, problem.IsHelpedByNewPod)), Is.EqualTo(new[] { (true, true), (false, false) }));
    }

    [Test]
    public void A_coordinator_that_says_why_it_ends_is_quoted_with_its_cause_and_fix()
    {
        var problem = RolloutDiagnosis.Of(Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(78, "Error"))],
            [],
            "[coordinator] Log in /ambrosia_logs",
            "[coordinator] ERROR AMB5108: The log was made by state version 2, and this is 1.",
            "[coordinator]   cause: The code is older than the log.",
            "[coordinator]   fix: Deploy the newer code."))[0];

        Assert.That(problem.Kind, Is.EqualTo(Kind.CrashLoop));
        Assert.That(problem.What, Does.Contain("AMB5108: The log was made by state version 2").And.Contain("3 restarts"));
        Assert.That((problem.Cause, problem.Cure), Is.EqualTo(("The code is older than the log.", "Deploy the newer code.")));
    }

    [TestCase("Failed to create CoreCLR, HRESULT: 0x80070008")]
    [TestCase("pthread_create failed: Operation not permitted")]
    public void A_node_that_is_too_old_for_the_images_C_library_is_told_by_what_the_program_cannot_do(string line) => Check(
        Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(137, "Error"))], [], line),
        Kind.SystemCallForbidden, "clone3", "images.base");

    [TestCase("Access to the path '/ambrosia_logs/logs' is denied.", Kind.VolumeNotWritable, "fsGroup", "kubernetes.storageClass")]
    [TestCase("Permission denied", Kind.VolumeNotWritable, "hostPath", "defaultVolumeType=local")]
    [TestCase("Read-only file system : '/ambrosia_logs/logs'", Kind.CrashLoop, "read-only", "Make it writable")]
    public void A_volume_that_belongs_to_root_is_told_from_one_that_cannot_be_written_at_all(string message, Kind kind, string cause, string cure) => Check(
        Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(78, "Error"))], [],
            $"[coordinator] ERROR AMB5103: The log directory /ambrosia_logs/logs cannot be written: {message}",
            "[coordinator]   cause: It is read-only, belongs to someone else, or the disk failed.",
            "[coordinator]   fix: Make it writable for this user, or choose another with --log."),
        kind, cause, cure);

    [Test]
    public void That_the_app_has_ended_is_not_taken_for_the_reason_where_there_is_another()
    {
        var problem = RolloutDiagnosis.Of(Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(75, "Error"))],
            [],
            "[coordinator] ERROR AMB5104: The disk is full.",
            "[coordinator] ERROR AMB5109: The app ended with exit code 1."))[0];

        Assert.That(problem.What, Does.Contain("AMB5104"));
    }

    [Test]
    public void A_program_for_another_processor_is_recognised_by_its_only_line()
    {
        Check(
            Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(255, "Error"))], [], "exec /app/ImmortalCoordinator: exec format error"),
            Kind.WrongPlatform, "another processor", "images.platform");
    }

    [Test]
    public void A_claim_that_waits_for_a_storage_class_that_is_not_there_names_it()
    {
        var snapshot = Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PendingClaim("no-such-class"), Shapes.Unscheduled("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.")],
            [Shapes.Event("PersistentVolumeClaim", Shapes.Claim, "ProvisioningFailed", "storageclass.storage.k8s.io \"no-such-class\" not found")]);

        Check(snapshot, Kind.ClaimUnbound, "no storage class no-such-class", "kubernetes.storageClass");
    }

    [Test]
    public void A_failing_readiness_probe_is_told_with_its_answer()
    {
        var snapshot = Shapes.Snapshot(
            [Shapes.WaitingSet, Shapes.PodWith("Running", """ "state":{"running":{}} """)],
            [Shapes.Event("Pod", Shapes.Pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")]);

        Check(snapshot, Kind.ProbeFailing, "replays its log", "last lines");
        Assert.That(RolloutDiagnosis.Of(snapshot)[0].What, Does.Contain("statuscode: 503"));
    }

    [Test]
    public void A_container_killed_for_its_liveness_probe_is_no_mere_exit_code() =>
        Check(
            Shapes.Snapshot(
                [Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(137, "Error"))],
                [Shapes.Event("Pod", Shapes.Pod, "Unhealthy", "Liveness probe failed: connection refused")]),
            Kind.ProbeFailing, "does not answer", "last lines");

    [Test]
    public void A_node_that_is_not_ready_is_named() =>
        Check(
            Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Running", """ "state":{"running":{}} """), Shapes.Node("Unknown")], []),
            Kind.NodeNotReady, "machine or kubelet", "describe node node1");

    [Test]
    public void Without_the_right_to_read_nodes_the_pods_event_tells_that_its_node_is_lost() =>
        Check(
            Shapes.Snapshot(
                [Shapes.WaitingSet, Shapes.PodWith("Running", """ "state":{"running":{}} """)],
                [Shapes.Event("Pod", Shapes.Pod, "NodeNotReady", "Node is not ready")]),
            Kind.NodeNotReady, "machine or kubelet", "describe node node1");

    [Test]
    public void A_pod_that_does_not_end_on_a_lost_node_says_how_to_let_go_of_it()
    {
        var ending = Shapes.PodWith("Running", """ "state":{"running":{}} """, ""","deletionTimestamp":"2026-03-04T05:00:00Z" """);

        Check(Shapes.Snapshot([Shapes.WaitingSet, ending, Shapes.Node("Unknown")], []), Kind.TerminatingStuck, "not ready", $"kubectl --kubeconfig /k --context kind-kind --namespace ns delete pod/{Shapes.Pod} --grace-period=0 --force");
    }

    [Test]
    public void A_pod_that_is_ending_within_its_time_is_no_problem()
    {
        var ending = Shapes.PodOf("""{"phase":"Running"}""", ""","deletionTimestamp":"2026-03-04T05:06:00Z" """);

        Check(Shapes.Snapshot([Shapes.WaitingSet, ending], []), Kind.InProgress, "nothing is wrong", "wait");
    }

    [Test]
    public void An_evicted_pod_says_what_the_node_lacked() =>
        Check(
            Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodOf("""{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: ephemeral-storage."}""")], []),
            Kind.Evicted, "ran short", "message names");

    [Test]
    public void A_broken_pod_of_the_former_deployment_is_in_the_new_ones_way()
    {
        var snapshot = Shapes.Snapshot([Shapes.WaitingSet, Shapes.PodWith("Running", Shapes.BackOff(3, "Error"), revision: "r1")], []);

        Check(snapshot, Kind.BlockedByOldPod, "last lines", "kubectl --kubeconfig /k --context kind-kind --namespace ns delete pod/" + Shapes.Pod);
        Assert.That(RolloutDiagnosis.Of(snapshot)[0].IsHelpedByNewPod, Is.True);
        Assert.That(RolloutDiagnosis.Of(snapshot)[0].PodUid, Is.EqualTo(Shapes.Uid(Shapes.Pod)), "its successor has the same name");
    }

    [Test]
    public void A_failing_init_container_comes_before_the_one_that_waits_for_it() =>
        Check(
            Shapes.Snapshot(
                [
                    Shapes.WaitingSet,
                    Shapes.PodOf($$"""
                        {"phase":"Pending","initContainerStatuses":[{"name":"init","image":"i","imageID":"","ready":false,"restartCount":0,{{Shapes.BackOff(3, "Error")}}}],
                        "containerStatuses":[{"name":"ambrosia","image":"i","imageID":"","ready":false,"restartCount":0,{{Shapes.Waiting("PodInitializing")}}}]}
                        """),
                ],
                []),
            Kind.CrashLoop, "last lines", "deploy again");

    [Test]
    public void What_runs_as_applied_has_no_problem()
    {
        var ready = Shapes.StatefulSet(
            """{"observedGeneration":2,"replicas":1,"readyReplicas":1,"currentReplicas":1,"updatedReplicas":1,"currentRevision":"r2","updateRevision":"r2"}""");

        Assert.That(RolloutDiagnosis.Of(Shapes.Snapshot([ready], [])), Is.Empty);
    }

    private static TestCaseData Row(string name, string state, Kind kind, string cause, string cure) =>
        new TestCaseData(state, kind, cause, cure).SetArgDisplayNames(name);

    private static void Check(RolloutSnapshot snapshot, Kind kind, string cause, string cure)
    {
        var problem = RolloutDiagnosis.Of(snapshot).Single();
        Assert.That(problem.Kind, Is.EqualTo(kind), problem.What);
        Assert.That(problem.Instance, Is.EqualTo(Shapes.Instance));
        Assert.That(problem.Cause, Does.Contain(cause));
        Assert.That(problem.Cure, Does.Contain(cure));
    }
}
