using System.Diagnostics;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Access;
using Ambrosia.Emulators.Kubernetes.Api;
using Ambrosia.Emulators.Kubernetes.Pods;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Deploying;

public sealed class DeployTests(int minor) : DeployFixture(minor)
{
    private const string Client = "generated-helloclient";
    private const string Key = "c2VudGluZWwta2V5LW9mLXRoZS1zdG9yYWdlLWFjY291bnQtMQ==";
    private const string OtherKey = "c2VudGluZWwta2V5LW9mLXRoZS1zdG9yYWdlLWFjY291bnQtMg==";

    private static readonly LogVolumes Share = new LogVolumes.AzureFileShare("group", "account", "logs", 80, "account.file.core.windows.net");

    [Test]
    public async Task The_first_deployment_makes_the_namespace_and_everything_in_it()
    {
        var outcome = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Summary, Is.EqualTo("7 created"));
            Assert.That(World.Cluster.State.Get<V1Namespace>("", Space)!.Metadata.Labels["ambrosia-deployment"], Is.EqualTo("hello"));
            foreach (var name in new[] { Server, Client })
            {
                Assert.That(Pod(name).Status.Conditions.Single(condition => condition.Type == "Ready").Status, Is.EqualTo("True"));
                Assert.That(Pod(name).Spec.Containers.Single().Image, Is.EqualTo(World.Image.Reference));
                Assert.That(World.Cluster.State.Get<V1Service>(Space, name), Is.Not.Null);
                Assert.That(World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, name + "-logs")!.Status.Phase, Is.EqualTo("Bound"));
            }
        });
    }

    [Test]
    public async Task A_second_deployment_changes_nothing_and_needs_few_calls()
    {
        await World.DeployAsync();
        var before = Identities();
        World.Cluster.Requests.Clear();
        World.Runner.Clear();

        var outcome = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Summary, Is.EqualTo("unchanged: 7 objects are as configured, no pod was touched"));
            Assert.That(Identities(), Is.EqualTo(before));
            Assert.That(World.Mutations(), Is.Empty);
            Assert.That(World.Runner.Commands, Is.EqualTo(new[] { "get", "get" }));
        });
    }

    [Test]
    public async Task New_code_starts_from_a_checkpoint_and_the_former_image_is_written_down()
    {
        await World.DeployAsync();
        var before = Pod(Server).Metadata.Uid;
        World.Cluster.Requests.Clear();
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(
                World.Execs.Select(call => $"{call.Pod}: {string.Join(' ', call.Command)}"),
                Is.EquivalentTo(new[]
                {
                    $"{Server}-0: ImmortalCoordinator checkpoint --health-port 21503", $"{Client}-0: ImmortalCoordinator checkpoint --health-port 21503",
                }));
            Assert.That(World.Mutations(), Is.EqualTo(new[]
            {
                $"PATCH persistentvolumeclaims/{Server}-logs", $"PATCH persistentvolumeclaims/{Client}-logs", // both codes may write from here on
                $"PATCH statefulsets/{Server}", $"PATCH statefulsets/{Client}",
                $"PATCH persistentvolumeclaims/{Server}-logs", $"PATCH persistentvolumeclaims/{Client}-logs", // the new one alone
            }));
            Assert.That(Recorded(Server), Has.Length.EqualTo(1).And.All.StartsWith($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}#"));
            Assert.That(Pod(Server).Metadata.Uid, Is.Not.EqualTo(before));
            Assert.That(Pod(Server).Spec.Containers.Single().Image, Does.EndWith(DeployWorld.OtherDigest));
            Assert.That(Set(Server).Metadata.Annotations[Naming.PreviousImageAnnotation], Does.EndWith(DeployWorld.Digest));
        });
    }

    [Test]
    public async Task One_goes_back_to_the_former_image_by_its_digest()
    {
        await World.DeployAsync();
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        await World.DeployAsync();
        World.Options = World.Options with { Image = DeployWorld.Digest };

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Pod(Server).Spec.Containers.Single().Image, Is.EqualTo($"{DeployWorld.Repository}@{DeployWorld.Digest}"));
            Assert.That(Set(Server).Metadata.Annotations[Naming.PreviousImageAnnotation], Does.EndWith(DeployWorld.OtherDigest));
        });
    }

    /// <summary>Push prints the first name; the annotation and what runs have the second.</summary>
    [TestCase(DeployWorld.Digest)]
    [TestCase($"{DeployWorld.Repository}@{DeployWorld.Digest}")]
    [TestCase($"nodes.invalid/hello@{DeployWorld.Digest}")]
    public async Task An_image_is_asked_for_by_either_name_of_its_registry_and_pulled_by_that_of_the_nodes(string image)
    {
        World.Settings = World.Settings with { Kubernetes = World.Settings.Kubernetes with { PullRegistry = "nodes.invalid" } };
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        await World.DeployAsync();
        World.Options = World.Options with { Image = image };

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Pod(Server).Spec.Containers.Single().Image, Is.EqualTo($"nodes.invalid/hello@{DeployWorld.Digest}"));
            Assert.That(Set(Server).Metadata.Annotations[Naming.PreviousImageAnnotation], Is.EqualTo($"nodes.invalid/hello@{DeployWorld.OtherDigest}"));
        });
    }

    [Test]
    public async Task Without_a_checkpoint_nothing_is_changed()
    {
        await World.DeployAsync();
        World.Cluster.Requests.Clear();
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Exec = _ => new ExecResult(1, "not primary\n", "");

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Code, Is.EqualTo(ErrorCode.CheckpointUnavailable));
            Assert.That(failure.Message, Does.Contain("not primary").And.Contain("Nothing was changed").And.Contain("--fresh"));
            Assert.That(World.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task A_checkpoint_whose_answer_kubectl_has_lost_is_asked_for_again()
    {
        await World.DeployAsync();
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        var lost = 0;
        World.Exec = call => call.Pod == Server + "-0" && Interlocked.Increment(ref lost) == 1
            ? new ExecResult(0) { StartError = "Unknown stream id 1, discarding message" }
            : new ExecResult(0, "{\"nextSequenceId\":1}\n");

        await World.DeployAsync();

        Assert.That(World.Execs.Select(call => call.Pod), Is.EquivalentTo(new[] { Server + "-0", Server + "-0", Client + "-0" }));
    }

    [Test]
    public async Task A_coordinator_on_a_node_whose_kubelet_is_cut_off_cannot_be_asked_and_stops_the_deployment()
    {
        await World.DeployAsync();
        World.Cluster.State.SetKubeletReachable("node1", false);
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That((failure!.Code, World.Mutations().Count()), Is.EqualTo((ErrorCode.CheckpointUnavailable, 0)));
            Assert.That(failure!.Message, Does.Contain("kubectl exec failed").And.Contain("does not reach the kubelet of the pod's node (port 10250)"));
        });
    }

    [TestCase("failed calling webhook \"w.example.com\": failed to call webhook: Post \"https://w.kube-system.svc:443/m?timeout=10s\": dial tcp 10.96.1.2:443: connect: connection refused", 500, "InternalError", "does not answer")]
    [TestCase("failed calling webhook \"w.example.com\": failed to call webhook: Post \"https://w.kube-system.svc:443/m?timeout=10s\": x509: certificate signed by unknown authority", 500, "InternalError", "does not answer")]
    [TestCase("statefulsets.apps \"x\" is forbidden: admission webhook \"w.example.com\" denied the request: [limits] container ambrosia has no limits", 403, "Forbidden", "a policy of the cluster refuses it")]
    [TestCase("StatefulSet.apps \"x\" is invalid: : ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no limits", 422, "Invalid", "a policy of the cluster refuses it")]
    public async Task What_stands_between_the_server_and_its_objects_is_not_taken_for_the_way_to_the_server(string message, int status, string reason, string cause)
    {
        World.Cluster.Faults.Add(new Fault("PATCH", "/statefulsets/")
        {
            Status = status,
            Body = new System.Text.Json.Nodes.JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new System.Text.Json.Nodes.JsonObject(),
                ["status"] = "Failure",
                ["message"] = status == 500 ? $"Internal error occurred: {message}" : message,
                ["reason"] = reason,
                ["code"] = status,
            }.ToJsonString(),
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Code, Is.EqualTo(ErrorCode.ClusterRequestFailed), failure.Message);
            Assert.That(failure!.Message, Does.Contain(cause).And.Not.Contain("kubeconfig"));
        });
    }

    /// <summary>Before any instance is asked for a checkpoint, and before the first of several objects is changed.</summary>
    [Test]
    public async Task What_the_rehearsal_shows_to_be_refused_stops_the_deployment_before_anything_changes()
    {
        await World.DeployAsync();
        World.Image = Other;
        World.Cluster.Faults.Add(Refusal(400, "Invalid", $"admission webhook \"w.example.com\" denied the request: {Client} has no limits"));
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.StartWith("AMB5012").And.Contain("nothing was changed").And.Contain($"{Client} has no limits"));
            Assert.That(World.Mutations(), Is.Empty);
            Assert.That(World.Execs, Is.Empty);
        });
    }

    [Test]
    public async Task A_webhook_that_takes_no_dry_runs_stops_nothing()
    {
        await World.DeployAsync();
        World.Image = Other;
        World.Cluster.Faults.Add(Refusal(400, "BadRequest", "admission webhook \"w.example.com\" does not support dry run"));

        Assert.That((await World.DeployAsync()).Summary, Is.EqualTo("4 updated, 3 unchanged"));
    }

    /// <summary>Of one StatefulSet's rehearsal.</summary>
    private static Fault Refusal(int status, string reason, string message) => new("PATCH", $"/statefulsets/{Client}.*dryRun=All")
    {
        Status = status,
        Body = new System.Text.Json.Nodes.JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new System.Text.Json.Nodes.JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["code"] = status,
        }.ToJsonString(),
    };

    [Test]
    public async Task An_instance_that_is_not_ready_cannot_be_asked_and_stops_the_deployment()
    {
        await World.DeployAsync();
        World.Cluster.State.SetReady(Space, Server + "-0", false);
        await World.Cluster.State.WaitForAsync(_ => Pod(Server).Status.ContainerStatuses.Single().Ready == false);
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That((failure!.Code, World.Mutations().Count()), Is.EqualTo((ErrorCode.CheckpointUnavailable, 0)));
    }

    [Test]
    public async Task A_change_that_leaves_the_code_alone_needs_no_checkpoint()
    {
        await World.DeployAsync();
        World.PullLogin = new RegistryLogin("registry.invalid", "me", "sentinel-password-1");

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(World.Execs, Is.Empty);
            Assert.That(Pod(Server).Spec.ImagePullSecrets.Single().Name, Is.EqualTo("pull"));
            Assert.That(World.Surfaces, Does.Not.Contain("sentinel-password-1"));
            Assert.That(
                System.Text.Encoding.UTF8.GetString(World.Cluster.State.Get<V1Secret>(Space, "pull")!.Data[".dockerconfigjson"]),
                Does.Contain("sentinel-password-1"));
        });
    }

    [Test]
    public async Task A_removed_instance_goes_and_its_logs_stay()
    {
        await World.DeployAsync();
        World.Settings = World.Settings with { Instances = [World.Settings.Instances[0]] };
        var plan = await World.PlanAsync();

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(plan.Changes.Where(change => change.Kind == ChangeKind.Delete).Select(change => change.Resource), Is.EquivalentTo(new[]
            {
                $"StatefulSet {Client}", $"Service {Client}",
            }));
            Assert.That(World.Cluster.State.Get<V1StatefulSet>(Space, Client), Is.Null);
            Assert.That(World.Cluster.State.Get<V1Service>(Space, Client), Is.Null);
            Assert.That(World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Client + "-logs"), Is.Not.Null);
        });
    }

    /// <summary>The original deleted every pod and Deployment of whatever the current context was.</summary>
    [Test]
    public async Task Defect_11_another_deployment_in_the_namespace_is_never_touched()
    {
        await World.DeployAsync();
        World.Settings = World.Settings with { ServiceName = "other", Instances = [SampleSettings.Instance("otherServer", "Server")] };
        var before = Identities();

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Identities(), Is.EqualTo(before));
            Assert.That(World.Cluster.State.Get<V1StatefulSet>(Space, "generated-otherserver"), Is.Not.Null);
        });
    }

    /// <summary>The original wrote the cluster into the user's kubeconfig and switched the current context.</summary>
    [Test]
    public async Task Defect_10_the_kubeconfig_is_only_read_and_no_call_leaves_the_context_to_chance()
    {
        await World.DeployAsync();
        var before = await File.ReadAllTextAsync(World.Access.Kubeconfig);

        await World.DeployAsync();

        var access = World.Access;
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(access.Kubeconfig), Is.EqualTo(before));
            Assert.That(
                World.Runner.Requests.Select(request => string.Join(' ', request.Arguments.Take(6))),
                Is.All.EqualTo($"--kubeconfig {access.Kubeconfig} --context {access.Context} --namespace {access.Namespace}"));
        });
    }

    [Test]
    public async Task A_right_that_is_missing_is_named()
    {
        World.Cluster.State.CreateNamespace(Space);
        World.User = World.Cluster.AddUser("reader");
        World.Cluster.Access.AllowOnly("reader", new AccessRule("get,list,watch", "*", Space));

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5011").And.Contain("persistentvolumeclaims \"generated-helloserver-logs\" is forbidden"));
    }

    [Test]
    public async Task Credentials_that_are_not_known_any_more_are_told_so()
    {
        World.User = World.Cluster.AddUser("former");
        World.Cluster.Revoke(World.User);

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5011").And.Contain("log in again"));
    }

    [Test]
    public async Task A_version_that_does_not_start_is_put_right_by_the_next_deployment()
    {
        await World.DeployAsync();
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.ImagePullFailure("manifest unknown"));
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.AwaitsRollout = false;
        await World.DeployAsync();
        await World.Cluster.State.WaitForAsync(_ => World.Cluster.State.Get<V1Pod>(Space, Server + "-0") is { } pod
            && pod.Spec.Containers[0].Image.EndsWith(DeployWorld.OtherDigest, StringComparison.Ordinal)
            && pod.Status.ContainerStatuses?[0].State.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff");
        World.Cluster.Scenario.Clear(Space, Server);
        World.Options = World.Options with { Image = DeployWorld.Digest };
        World.AwaitsRollout = true;

        await World.DeployAsync();

        Assert.That(Pod(Server).Spec.Containers[0].Image, Does.EndWith(DeployWorld.Digest));
    }

    [Test]
    public async Task What_somebody_else_has_made_under_our_name_stops_the_run_before_its_first_change()
    {
        World.Cluster.State.CreateNamespace(Space);
        World.Cluster.State.Put(new V1Service
        {
            Metadata = new V1ObjectMeta { Name = Client, NamespaceProperty = Space },
            Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 80 }] },
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Code, Is.EqualTo(ErrorCode.PlanConflict));
            Assert.That(failure.Message, Does.Contain($"Service {Client}: made by somebody else"));
            Assert.That(World.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task A_change_by_hand_is_a_conflict_and_is_not_overwritten()
    {
        await World.DeployAsync();
        await World.Kubectl.RunAsync(World.Access, new("scale", $"statefulset/{Server}", "--replicas=0"), default);

        var plan = await World.PlanAsync();

        var conflict = plan.Conflicts.Single();
        Assert.Multiple(() =>
        {
            Assert.That(conflict.Resource, Is.EqualTo($"StatefulSet {Server}"));
            Assert.That(conflict.Reason, Is.EqualTo("spec.replicas was set by kubectl, and nobody's change is overwritten"));
            Assert.That(conflict.Properties.Single(), Is.EqualTo(new PropertyChange("spec.replicas", "0", "1")));
        });
    }

    [Test]
    public async Task Rights_in_the_namespace_are_enough_where_it_exists()
    {
        World.Cluster.State.CreateNamespace(Space);
        World.User = World.Cluster.AddUser("developer");
        World.Cluster.Access.AllowOnly("developer", new AccessRule("*", "*", Space));

        var first = await World.DeployAsync();
        var second = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(first.Summary, Is.EqualTo("6 created, 1 unchanged"));
            Assert.That(second.Summary, Does.StartWith("unchanged"));
        });
    }

    [Test]
    public async Task An_instance_on_a_share_has_a_volume_of_its_own_and_the_key_goes_nowhere_but_into_the_secret()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);

        await World.DeployAsync();
        var unchanged = await World.DeployAsync();

        var secret = World.Cluster.State.Get<V1Secret>(Space, "share")!;
        var volumes = World.Cluster.State.List<V1PersistentVolume>();
        Assert.Multiple(() =>
        {
            Assert.That(System.Text.Encoding.UTF8.GetString(secret.Data["azurestorageaccountkey"]), Is.EqualTo(Key));
            Assert.That(volumes.Select(volume => volume.Spec.Csi.VolumeHandle), Is.Unique);
            Assert.That(volumes, Has.Count.EqualTo(2));
            Assert.That(volumes.Select(volume => volume.Status.Phase), Is.All.EqualTo("Bound"));
            Assert.That(Pod(Client).Spec.Containers.Single().Args, Does.Contain("lease"));
            Assert.That(unchanged.Summary, Does.StartWith("unchanged"));
            Assert.That(World.Surfaces, Does.Not.Contain(Key));
            Assert.That(
                World.Cluster.Requests.Where(request => !request.Path.Contains("/secrets", StringComparison.Ordinal)).Select(request => request.Body),
                Has.None.Contain(Key));
        });
    }

    [Test]
    public async Task After_a_change_of_the_key_all_instances_on_the_share_are_stopped_together_and_started_again()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        var before = new[] { Pod(Server).Metadata.Uid, Pod(Client).Metadata.Uid };
        World.Cluster.Requests.Clear();
        World.ShareKey = OtherKey;
        var plan = await World.PlanAsync();

        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(PlanText.Table(plan), Does.Not.Contain(Key).And.Not.Contain(OtherKey));
            Assert.That(World.Mutations(), Is.EqualTo(new[]
            {
                $"PATCH statefulsets/{Server}", $"PATCH statefulsets/{Client}", // stopped
                "PATCH secrets/share", $"PATCH statefulsets/{Server}", $"PATCH statefulsets/{Client}",
            }));
            Assert.That(new[] { Pod(Server).Metadata.Uid, Pod(Client).Metadata.Uid }, Has.None.AnyOf(before));
            Assert.That(Set(Server).Spec.Replicas, Is.EqualTo(1));
            Assert.That(World.Execs, Is.Empty); // the code is the same
            Assert.That(World.Surfaces, Does.Not.Contain(OtherKey));
        });
    }

    [Test]
    public async Task Fresh_makes_the_claims_anew()
    {
        await World.DeployAsync();
        var before = World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Server + "-logs")!.Metadata.Uid;
        World.Options = World.Options with { Fresh = true };

        var outcome = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Server + "-logs")!.Metadata.Uid, Is.Not.EqualTo(before));
            Assert.That(outcome.Summary, Does.StartWith("2 made anew"));
            Assert.That(World.Console.Text, Does.Contain("--fresh: the logs on it are deleted").And.Contain("helloServer, helloClient are stopped, and their logs deleted"));
            Assert.That(World.Execs, Is.Empty);
        });
    }

    [Test]
    public async Task Fresh_empties_the_folders_on_a_share_by_a_pod_while_the_instances_are_stopped()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        World.Options = World.Options with { Fresh = true };
        List<string> running = [];
        World.Cluster.OnContainerStarted = container =>
        {
            if (container.Pod.EndsWith("-eraser", StringComparison.Ordinal))
            {
                running.AddRange(World.Cluster.State.List<V1Pod>(Space).Select(pod => pod.Metadata.Name));
                World.Cluster.State.Change<V1Pod>(Space, container.Pod, pod => pod["status"]!["phase"] = "Succeeded");
            }

            return Task.CompletedTask;
        };

        var outcome = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Summary, Does.Contain("2 logs emptied"));
            Assert.That(Recorded(Server), Has.Length.EqualTo(1));
            Assert.That(running, Is.Not.Empty.And.All.EndsWith("-eraser"));
            Assert.That(World.Cluster.State.List<V1Pod>(Space).Select(pod => pod.Metadata.Name), Is.EquivalentTo(new[] { Server + "-0", Client + "-0" }));
        });
    }

    [Test]
    public async Task A_claim_grows_and_does_not_shrink()
    {
        await World.DeployAsync();
        World.Volumes = new LogVolumes.Claims(null, 2);
        await World.DeployAsync();
        World.Volumes = new LogVolumes.Claims(null, 1);

        var plan = await World.PlanAsync();

        Assert.Multiple(() =>
        {
            Assert.That(World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Server + "-logs")!.Spec.Resources.Requests["storage"].ToString(), Is.EqualTo("2Gi"));
            Assert.That(plan.Conflicts.Select(conflict => conflict.Reason), Is.All.EqualTo("a claim cannot shrink"));
            Assert.That(plan.Conflicts.Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_volume_whose_class_lets_none_grow_is_a_conflict_and_not_a_refusal_in_mid_run()
    {
        await World.DeployAsync();
        var name = World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Server + "-logs")!.Spec.StorageClassName;
        World.Cluster.State.Change<V1StorageClass>("", name, item => item["allowVolumeExpansion"] = false);
        World.Volumes = new LogVolumes.Claims(null, 2);
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB").And.Contain($"storage class {name} lets no volume grow").And.Contain("kubernetes.logSizeGiB"));
        Assert.That((failure.Code, World.Mutations().Count()), Is.EqualTo((ErrorCode.PlanConflict, 0)));
    }

    [Test]
    public async Task The_quota_of_a_share_may_be_raised()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        World.Volumes = (LogVolumes.AzureFileShare)Share with { SizeGiB = 160 };

        Assert.That((await World.DeployAsync()).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task From_disks_one_gets_to_a_share_with_empty_logs()
    {
        await World.DeployAsync();
        (World.Volumes, World.ShareKey) = (Share, Key);
        World.Options = World.Options with { Fresh = true };
        EndErasersAs("Succeeded");

        await World.DeployAsync();

        Assert.That(World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, Server + "-logs")!.Spec.VolumeName, Is.EqualTo($"{Space}-hello-{Server}-logs"));
        Assert.That(Pod(Server).Status.Phase, Is.EqualTo("Running"));
    }

    [Test]
    public async Task Another_account_of_the_share_is_reached_with_empty_logs()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        World.Volumes = (LogVolumes.AzureFileShare)Share with { Account = "other" };
        World.Options = World.Options with { Fresh = true };
        EndErasersAs("Succeeded");

        await World.DeployAsync();

        Assert.That(
            World.Cluster.State.List<V1PersistentVolume>().Select(volume => volume.Spec.Csi.VolumeAttributes["storageAccount"]), Is.All.EqualTo("other"));
    }

    [Test]
    public async Task A_pod_that_fails_to_empty_a_folder_is_not_waited_for_and_its_words_are_shown()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        World.Options = World.Options with { Fresh = true };
        EndErasersAs("Failed");
        var watch = Stopwatch.StartNew();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5013").And.Contain("-eraser (Failed)"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromMinutes(2)));
    }

    /// <summary>Until then the new version would be the StatefulSet's newest one, though it was never meant to run with the old logs.</summary>
    [Test]
    public async Task A_fresh_start_stops_what_runs_as_it_runs()
    {
        await World.DeployAsync();
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Options = World.Options with { Fresh = true };
        World.Cluster.Requests.Clear();

        await World.DeployAsync();

        var applied = World.Cluster.Requests.Where(request => request.Method == "PATCH" && request.Path.EndsWith("statefulsets/" + Server, StringComparison.Ordinal))
            .Where(request => !request.Query.Contains("dryRun=All", StringComparison.Ordinal)).ToList();
        Assert.That(applied.Select(request => request.Body.Contains(DeployWorld.OtherDigest, StringComparison.Ordinal)), Is.EqualTo(new[] { false, true }));
        Assert.That(Pod(Server).Spec.Containers.Single().Image, Does.EndWith(DeployWorld.OtherDigest));
        Assert.That((await NextAsync()).Summary, Does.StartWith("unchanged"), "what the stop owned beyond our manifest was given back");

        Task<StepOutcome> NextAsync()
        {
            World.Options = World.Options with { Fresh = false };
            return World.DeployAsync();
        }
    }

    [Test]
    public async Task Code_that_follows_a_change_of_resources_that_never_became_ready_waits_for_the_checkpoint_that_nobody_took()
    {
        await World.DeployAsync();
        World.AwaitsRollout = false;
        World.Cluster.Scenario.Set(Space, Server, new PodBehaviour.ImagePullFailure("manifest unknown"));
        World.PullLogin = new RegistryLogin("registry.invalid", "me", "sentinel-password-1");
        await World.DeployAsync();
        await World.Cluster.State.WaitForAsync(_ => World.Cluster.State.Get<V1Pod>(Space, Server + "-0")?.Status.ContainerStatuses?[0].State.Waiting?.Reason
            is "ErrImagePull" or "ImagePullBackOff");
        World.Image = new ContainerImage($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5014").And.Contain("was not asked for a checkpoint").And.Contain($"--image={DeployWorld.Digest}"));
        Assert.That(World.Mutations(), Is.Empty);
    }

    [Test]
    public async Task Logs_without_a_StatefulSet_are_taken_up_again_by_the_code_that_recorded_them()
    {
        await World.DeployAsync();
        await DeleteServerAsync();

        await World.DeployAsync();

        Assert.That(World.Console.Text, Does.Not.Contain("warning"));
        Assert.That(Pod(Server).Status.Phase, Is.EqualTo("Running"));
    }

    /// <summary>The plan says so where the image is known by then, and the deployment where it is built between the two.</summary>
    [Test]
    public async Task Logs_without_a_StatefulSet_stop_other_code_before_anything_is_changed_and_the_way_out_leads_to_it([Values] bool isBuiltAfterPlan)
    {
        await World.DeployAsync();
        await DeleteServerAsync();
        World.IsBuiltAfterPlan = isBuiltAfterPlan;
        World.Image = Other;
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());
        var changed = World.Mutations().ToList();
        World.Options = World.Options with { Image = DeployWorld.Digest };
        await World.DeployAsync();
        World.Options = World.Options with { Image = null };
        await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Code, Is.EqualTo(isBuiltAfterPlan ? ErrorCode.CheckpointUnavailable : ErrorCode.PlanConflict));
            Assert.That(failure.Message, Does.Contain(": helloServer has logs and no StatefulSet").And.Contain("othing was changed"));
            Assert.That(
                $"{failure.What} {failure.Remedy}", Does.Contain($" ./build.sh --target=Deploy --image={DeployWorld.Digest} runs what recorded them").And.Contain("--fresh"));
            Assert.That(changed, Is.Empty);
            Assert.That(World.Execs.Select(call => call.Pod), Is.EquivalentTo(new[] { Server + "-0", Client + "-0" }), "the upgrade had its checkpoints");
            Assert.That(Pod(Server).Spec.Containers.Single().Image, Does.EndWith(DeployWorld.OtherDigest));
        });
    }

    [Test]
    public async Task Logs_without_a_StatefulSet_may_be_given_up_for_other_code()
    {
        await World.DeployAsync();
        await DeleteServerAsync();
        (World.Image, World.Options) = (Other, World.Options with { Fresh = true });

        await World.DeployAsync();

        Assert.That(Pod(Server).Spec.Containers.Single().Image, Does.EndWith(DeployWorld.OtherDigest));
        Assert.That(Recorded(Server), Has.Length.EqualTo(1).And.All.Contains(DeployWorld.OtherDigest));
    }

    [Test]
    public async Task Logs_without_a_StatefulSet_and_without_a_record_are_told_of()
    {
        await World.DeployAsync();
        ForgetRecord(Server);
        await DeleteServerAsync();

        await World.DeployAsync();

        Assert.That(World.Console.Text, Does.Contain("helloServer has a volume for logs and no StatefulSet"));
        Assert.That(Recorded(Server), Has.Length.EqualTo(1), "what runs now has been ready");
    }

    [Test]
    public async Task Claims_of_before_the_record_get_it_and_no_pod_is_touched()
    {
        await World.DeployAsync();
        var before = Identities();
        ForgetRecord(Server);
        ForgetRecord(Client);
        World.Cluster.Requests.Clear();

        var outcome = await World.DeployAsync();
        var next = await World.DeployAsync();

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Summary, Is.EqualTo("2 updated, 5 unchanged"));
            Assert.That(World.Mutations(), Is.EqualTo(new[] { $"PATCH persistentvolumeclaims/{Server}-logs", $"PATCH persistentvolumeclaims/{Client}-logs" }));
            Assert.That(Identities(), Is.EqualTo(before));
            Assert.That(next.Summary, Does.StartWith("unchanged"));
        });
    }

    /// <summary>The old code goes on recording after its checkpoint, and the new one has never run: neither may be taken for the only one.</summary>
    [Test]
    public async Task An_upgrade_that_is_cut_off_leaves_a_record_that_lets_no_code_replay_unasked([Values] bool goesBack)
    {
        await World.DeployAsync();
        World.Image = Other;
        World.Cluster.Faults.Add(new Fault("PATCH", "/statefulsets/") { Status = 403 });
        await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());
        World.Cluster.Faults.Clear();
        await DeleteServerAsync();
        World.Options = World.Options with { Image = goesBack ? DeployWorld.Digest : null };
        World.Cluster.Requests.Clear();

        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.Multiple(() =>
        {
            Assert.That(Recorded(Server), Has.Length.EqualTo(2));
            Assert.That(failure!.Message, Does.StartWith("AMB3003").And.Contain($"{DeployWorld.Digest} or by {DeployWorld.Repository}@{DeployWorld.OtherDigest}"));
            Assert.That(failure.Message, Does.Contain($"--namespace {Space} annotate persistentvolumeclaim/{Server}-logs ambrosia.io/log-code-"));
            Assert.That(World.Mutations(), Is.Empty);
        });
    }

    [Test]
    public async Task An_upgrade_that_is_cut_off_is_finished_by_the_next_run()
    {
        await World.DeployAsync();
        World.Image = Other;
        World.Cluster.Faults.Add(new Fault("PATCH", $"/statefulsets/{Client}(?!.*dryRun)", 1) { Status = 403 });
        await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        await World.DeployAsync();

        Assert.That((Recorded(Server).Length, Recorded(Client).Length), Is.EqualTo((1, 1)));
        Assert.That((await World.DeployAsync()).Summary, Does.StartWith("unchanged"));
    }

    /// <summary>The folder may hold logs of a claim that is gone: only the code that is ready is known to write there alone.</summary>
    [Test]
    public async Task On_a_share_nothing_is_recorded_before_the_code_is_ready()
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        var recorded = 0;
        World.Cluster.OnContainerStarted = _ =>
        {
            Interlocked.Add(ref recorded, Recorded(Server).Length + Recorded(Client).Length);
            return Task.CompletedTask;
        };

        await World.DeployAsync();

        Assert.That((recorded, Recorded(Server).Length, Recorded(Client).Length), Is.EqualTo((0, 1, 1)));
        Assert.That((await World.DeployAsync()).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task Logs_on_a_share_that_were_cleaned_hold_no_other_code_up([Values] bool isMadeAnew)
    {
        (World.Volumes, World.ShareKey) = (Share, Key);
        await World.DeployAsync();
        EndErasersAs("Succeeded");
        await (isMadeAnew ? World.CleanLogsOfEmptiedShareAsync() : World.CleanAsync(CleanScope.Logs));
        var cleaned = Recorded(Server);
        World.Image = Other;

        await World.DeployAsync();

        Assert.That(cleaned, Is.Empty);
        Assert.That(Recorded(Server), Has.Length.EqualTo(1).And.All.Contains(DeployWorld.OtherDigest));
    }

    [Test]
    public async Task A_kind_of_the_namespace_that_may_not_be_read_stops_the_run()
    {
        await World.DeployAsync();
        World.User = World.Cluster.AddUser("blind");
        World.Cluster.Access.AllowOnly("blind", new AccessRule("*", "statefulsets.apps,services,persistentvolumeclaims,pods", Space));

        // Where none is made, Secrets need not be seen.
        Assert.That((await World.DeployAsync()).Summary, Does.StartWith("unchanged"));

        World.PullLogin = new RegistryLogin("registry.invalid", "me", "sentinel-password");
        var failure = await Assert.ThrowsAsync<BuildException>(() => World.DeployAsync());

        Assert.That(failure!.Message, Does.StartWith("AMB5011").And.Contain("secrets is forbidden"));
    }

    private void EndErasersAs(string phase) => World.Cluster.OnContainerStarted = container =>
    {
        if (container.Pod.EndsWith("-eraser", StringComparison.Ordinal))
            World.Cluster.State.Change<V1Pod>(Space, container.Pod, pod => pod["status"]!["phase"] = phase);
        return Task.CompletedTask;
    };

    [Test]
    public async Task A_hundred_instances_need_as_many_calls_as_two()
    {
        (World.Settings, World.AwaitsRollout) = (SampleSettings.Of(100), false);
        await World.DeployAsync();
        World.Runner.Clear();
        var watch = Stopwatch.StartNew();

        var outcome = await World.DeployAsync();

        TestContext.Out.WriteLine($"no-op with 100 instances: {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.That((outcome.Summary, World.Runner.Commands.Count()), Is.EqualTo(("unchanged: 301 objects are as configured, no pod was touched", 2)));
    }

    private static ContainerImage Other => new($"{DeployWorld.Repository}@{DeployWorld.OtherDigest}", false, false);

    private async Task DeleteServerAsync() => await World.Kubectl.RunAsync(World.Access, new("delete", $"statefulset/{Server}"), default);

    /// <summary>As a claim is that was made before there was a record.</summary>
    private void ForgetRecord(string name) => World.Cluster.State.Change<V1PersistentVolumeClaim>(
        Space, name + "-logs", claim => ((System.Text.Json.Nodes.JsonObject)claim["metadata"]!["annotations"]!).Remove(Naming.LogCodeAnnotation));

    /// <summary>The codes that may have written the logs of an instance.</summary>
    private string[] Recorded(string name) =>
        World.Cluster.State.Get<V1PersistentVolumeClaim>(Space, name + "-logs")!.Metadata.Annotations?.TryGetValue(Naming.LogCodeAnnotation, out var codes) == true
            ? codes.Split(' ')
            : [];

    private V1Pod Pod(string name) => World.Cluster.State.Get<V1Pod>(Space, name + "-0")!;

    private V1StatefulSet Set(string name) => World.Cluster.State.Get<V1StatefulSet>(Space, name)!;

    private string[] Identities() =>
    [
        .. new[] { Server, Client }.SelectMany(name => new[]
        {
            Set(name).Metadata.ResourceVersion, Pod(name).Metadata.Uid, World.Cluster.State.Get<V1Service>(Space, name)!.Metadata.ResourceVersion,
        }),
    ];
}
