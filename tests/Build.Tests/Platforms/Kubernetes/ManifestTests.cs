using System.Text.Json;
using System.Text.Json.Nodes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class ManifestTests
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>API versions that every supported server serves, and none of them deprecated: OpenApi/ManifestValidityTests.</summary>
    private static readonly string[] ServedApis =
    [
        "v1 Namespace", "v1 Secret", "v1 PersistentVolume", "v1 PersistentVolumeClaim", "v1 Service", "apps/v1 StatefulSet",
    ];

    private static readonly DeploymentSpec[] All = [Specs.Claims, Specs.OnShare, Specs.Original];

    [Test]
    public void Claims_are_as_they_were() => Verify("claims", Specs.Claims);

    [Test]
    public void A_share_is_as_it_was() => Verify("share", Specs.OnShare);

    [Test]
    public void Microsofts_runtime_is_as_it_was() => Verify("original", Specs.Original);

    /// <summary>The original made a Deployment of extensions/v1beta1, which servers refuse since 1.16.</summary>
    [Test]
    public void Defect_01_every_object_is_of_an_API_that_is_served_and_not_deprecated() => Assert.That(
        All.SelectMany(ManifestBuilder.Build).Select(item => $"{(string?)item.Content["apiVersion"]} {item.Kind}").Distinct(),
        Is.SubsetOf(ServedApis));

    [Test]
    public void Defect_01_a_StatefulSet_selects_the_pods_that_it_makes()
    {
        foreach (var set in Sets(Specs.Claims))
            Assert.That(set.Spec.Selector.MatchLabels, Is.Not.Empty.And.SubsetOf(set.Spec.Template.Metadata.Labels));
    }

    /// <summary>The original mounted the share with the in-tree plug-in azureFile, which is gone.</summary>
    [Test]
    public void Defect_02_the_share_is_a_static_volume_of_the_CSI_driver()
    {
        var volume = Specs.OnShare.Objects<V1PersistentVolume>()[0].Spec;
        Assert.Multiple(() =>
        {
            Assert.That(volume.Csi.Driver, Is.EqualTo("file.csi.azure.com"));
            Assert.That(volume.AzureFile, Is.Null);
            Assert.That(volume.PersistentVolumeReclaimPolicy, Is.EqualTo("Retain"));
            Assert.That(volume.MountOptions, Does.Not.Contain("nobrl").And.Not.Contain("nostrictsync"));
            Assert.That(Sets(Specs.OnShare).SelectMany(set => set.Spec.Template.Spec.Volumes).Select(item => item.AzureFile), Is.All.Null);
            Assert.That(Sets(Specs.OnShare).SelectMany(set => set.Spec.Template.Spec.Volumes).Select(item => item.Csi), Is.All.Null);
        });
    }

    [Test]
    public void Each_instance_on_a_share_has_a_volume_and_a_folder_of_its_own()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Specs.OnShare.Objects<V1PersistentVolume>().Select(volume => volume.Spec.Csi.VolumeHandle), Is.Unique);
            Assert.That(Sets(Specs.OnShare).Select(set => set.Spec.Template.Spec.Containers[0].VolumeMounts[0].SubPath), Is.Unique.And.All.Not.Null);
        });
    }

    /// <summary>The original's rolling update ran two copies of a service of which there may be one.</summary>
    [Test]
    public void Defect_03_there_is_at_most_one_pod_and_a_lock_besides()
    {
        Assert.Multiple(() =>
        {
            Assert.That(All.SelectMany(ManifestBuilder.Build).Select(item => item.Kind), Has.None.EqualTo("Deployment"));
            Assert.That(Sets(Specs.Claims).Select(set => set.Spec.Replicas), Is.All.EqualTo(1));
            Assert.That(Sets(Specs.Claims).Select(set => ArgumentOf(set, "--lock")), Is.All.EqualTo("flock"));
            Assert.That(Sets(Specs.OnShare).Select(set => ArgumentOf(set, "--lock")), Is.All.EqualTo("lease"));
        });
    }

    [Test]
    public void Without_a_word_about_them_a_pod_asks_for_little_and_has_no_limit()
    {
        foreach (var resources in All.SelectMany(Sets).Select(set => set.Spec.Template.Spec.Containers[0].Resources))
        {
            Assert.That(resources.Requests.Select(pair => $"{pair.Key}={pair.Value}"), Is.EqualTo(new[] { "cpu=100m", "memory=256Mi" }));
            Assert.That(resources.Limits, Is.Null);
        }
    }

    [Test]
    public void Requests_and_limits_come_from_the_configuration()
    {
        foreach (var spec in All)
        {
            var asked = spec with
            {
                Settings = spec.Settings with { Kubernetes = spec.Settings.Kubernetes with { Resources = new PodResources("0.5", "1Gi", null, "2Gi") } },
            };
            foreach (var resources in Sets(asked).Select(set => set.Spec.Template.Spec.Containers[0].Resources))
            {
                Assert.That(resources.Requests.Select(pair => $"{pair.Key}={pair.Value}"), Is.EqualTo(new[] { "cpu=500m", "memory=1Gi" }));
                Assert.That(resources.Limits.Select(pair => $"{pair.Key}={pair.Value}"), Is.EqualTo(new[] { "memory=2Gi" }));
            }

            var eraser = LogEraser.Pod(asked, new LogFolder(asked.ServiceName, asked.Settings.Instances[0].Name));
            Assert.That(eraser.Spec.Containers[0].Resources.Limits["memory"].ToString(), Is.EqualTo("2Gi"), "a quota holds for it too");
        }
    }

    /// <summary>The original put the connection string into the environment of a generated YAML file, twice.</summary>
    [Test]
    public void Defect_04_no_secret_stands_outside_a_Secret()
    {
        foreach (var item in All.SelectMany(ManifestBuilder.Build).Where(item => item.Kind != "Secret"))
        {
            foreach (var secret in new[] { Specs.ShareKey, Specs.Connection, Specs.Password, "sentinel" })
                Assert.That(item.Content.ToJsonString(), Does.Not.Contain(secret), item.Title);
        }
    }

    [Test]
    public void Defect_04_the_connection_string_comes_from_a_Secret_in_both_variables()
    {
        var env = Sets(Specs.Original)[0].Spec.Template.Spec.Containers[0].Env;
        Assert.That(
            env.Where(variable => variable.Name.StartsWith("AZURE_", StringComparison.Ordinal)).Select(variable => (variable.Value, variable.ValueFrom?.SecretKeyRef.Name)),
            Is.EqualTo(new (string?, string?)[] { (null, "perftest-storage-connection"), (null, "perftest-storage-connection") }));
    }

    /// <summary>The original's image had no tag, and so was whatever the registry called latest.</summary>
    [Test]
    public void Defect_14_our_image_is_named_by_its_digest() =>
        Assert.That(Sets(Specs.Claims).Select(set => set.Spec.Template.Spec.Containers[0].Image), Is.All.Contain("@sha256:"));

    /// <summary>The original registered every instance again at each deployment.</summary>
    [Test]
    public void Defect_15_a_registration_is_told_by_a_hash_that_changes_with_what_is_registered()
    {
        var instance = Specs.Original.Settings.Instances[0];
        var hash = Registration.HashOf(Specs.Original, instance);
        Assert.Multiple(() =>
        {
            Assert.That(Registration.HashOf(Specs.Original, instance), Is.EqualTo(hash));
            Assert.That(Registration.HashOf(Specs.Original, instance with { ReceivePort = 1 }), Is.Not.EqualTo(hash));
            Assert.That(Registration.HashOf(Specs.Original with { ConnectionString = "other" }, instance), Is.Not.EqualTo(hash));
            Assert.That(Registration.HashOf(Specs.Original, instance with { Command = ["Other"] }), Is.EqualTo(hash));
            Assert.That(Sets(Specs.Original)[0].Metadata.Annotations[Naming.RegistrationAnnotation], Is.EqualTo(hash));
        });
    }

    [Test]
    public void An_instance_is_registered_without_the_connection_string_among_the_arguments() => Assert.That(
        Registration.DockerArguments("ambrosia/ambrosia-dev", Specs.Original.Settings, Specs.Original.Settings.Instances[0], "a-container"),
        Is.EqualTo(new[]
        {
            "run", "--rm", "--name", "a-container", "--env", "AZURE_STORAGE_CONN_STRING", "ambrosia/ambrosia-dev", "Ambrosia", "RegisterInstance",
            "-i", "perftestserver", "--rp", "21001", "--sp", "21002", "-l", "/ambrosia_logs", "--lts", "1024",
        }));

    [Test]
    public void Our_pods_may_nothing_that_they_do_not_need()
    {
        foreach (var pod in Sets(Specs.OnShare).Select(set => set.Spec.Template.Spec))
        {
            Assert.Multiple(() =>
            {
                Assert.That(pod.SecurityContext.RunAsNonRoot, Is.True);
                Assert.That(pod.SecurityContext.SeccompProfile.Type, Is.EqualTo("RuntimeDefault"));
                Assert.That(pod.Containers[0].SecurityContext.ReadOnlyRootFilesystem, Is.True);
                Assert.That(pod.Containers[0].SecurityContext.AllowPrivilegeEscalation, Is.False);
                Assert.That(pod.Containers[0].SecurityContext.Capabilities.Drop, Is.EqualTo(new[] { "ALL" }));
                Assert.That(pod.AutomountServiceAccountToken, Is.False);
                Assert.That(pod.ShareProcessNamespace, Is.True);
            });
        }
    }

    [Test]
    public void A_public_image_needs_no_pull_secret_and_one_on_the_nodes_is_not_pulled()
    {
        var onNodes = Specs.OnShare with { Image = new ContainerImage("perftest:abc", IsPublic: false, IsOnNodes: true) };
        Assert.Multiple(() =>
        {
            Assert.That(ManifestBuilder.Build(onNodes).Select(item => item.Name), Has.None.EqualTo("pull"));
            Assert.That(Sets(onNodes)[0].Spec.Template.Spec.Containers[0].ImagePullPolicy, Is.EqualTo("Never"));
            Assert.That(Sets(Specs.Original)[0].Spec.Template.Spec.Containers[0].ImagePullPolicy, Is.EqualTo("Always"));
            Assert.That(Sets(Specs.OnShare)[0].Spec.Template.Spec.Containers[0].ImagePullPolicy, Is.EqualTo("IfNotPresent"));
        });
    }

    [Test]
    public void Instances_of_which_the_names_differ_by_case_alone_are_refused()
    {
        var instance = Specs.Settings.Instances[0];
        var spec = Specs.Claims with { Settings = Specs.Settings with { Instances = [instance, instance with { Name = "PerfTestServer" }] } };
        Assert.That(() => ManifestBuilder.Build(spec), Throws.InstanceOf<BuildException>().With.Property("Code").EqualTo(ErrorCode.ConfigurationInvalidValue));
    }

    /// <summary>A server refuses two volumes in one place; Microsoft's runtime has none there.</summary>
    [Test]
    public void Logs_have_no_place_where_our_pods_have_another_volume()
    {
        Assert.That(
            () => ManifestBuilder.Build(Specs.Claims with { Settings = Specs.Settings with { LogDirectory = "/tmp" } }),
            Throws.InstanceOf<BuildException>().With.Property("Code").EqualTo(ErrorCode.ConfigurationInvalidValue));
        Assert.That(() => ManifestBuilder.Build(Specs.Original with { Settings = Specs.Original.Settings with { LogDirectory = "/tmp" } }), Throws.Nothing);
    }

    [Test]
    public void A_name_that_does_not_fit_into_a_label_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Naming.Object("A" + new string('b', 41)), Has.Length.EqualTo(Naming.MaxObjectLength));
            Assert.That(() => Naming.Object("A" + new string('b', 42)), Throws.InstanceOf<BuildException>());
        });
    }

    [Test]
    public void The_health_port_is_one_that_the_instance_does_not_use()
    {
        var instance = Specs.Settings.Instances[0];
        Assert.That(
            (Naming.HealthPort(instance), Naming.HealthPort(instance with { SendPort = 21503, ReceivePort = 21504 })), Is.EqualTo((21503, 21505)));
    }

    [Test]
    public void A_hash_tells_values_and_places_apart()
    {
        foreach (var of in new Func<string, IEnumerable<string>, string>[] { ContentHash.OfKey, ContentHash.OfPassword })
        {
            var hash = of("ns/a", ["one", "two"]);
            Assert.Multiple(() =>
            {
                Assert.That(of("ns/a", ["one", "two"]), Is.EqualTo(hash));
                Assert.That(of("ns/b", ["one", "two"]), Is.Not.EqualTo(hash));
                Assert.That(of("ns/a", ["onet", "wo"]), Is.Not.EqualTo(hash));
            });
        }
    }

    private static List<V1StatefulSet> Sets(DeploymentSpec spec) => spec.Objects<V1StatefulSet>();

    private static string ArgumentOf(V1StatefulSet set, string option)
    {
        var args = set.Spec.Template.Spec.Containers[0].Args;
        return args[args.IndexOf(option) + 1];
    }

    private static void Verify(string name, DeploymentSpec spec) => Golden.Verify(
        $"Platforms/Kubernetes/Golden/{name}.json",
        new JsonArray([.. ManifestBuilder.Build(spec).Select(item => item.Content)]).ToJsonString(Indented) + "\n");
}

internal static class ManifestObjects
{
    public static List<T> Objects<T>(this DeploymentSpec spec) =>
        [.. ManifestBuilder.Build(spec).Where(item => "V1" + item.Kind == typeof(T).Name).Select(item => item.As<T>())];
}
