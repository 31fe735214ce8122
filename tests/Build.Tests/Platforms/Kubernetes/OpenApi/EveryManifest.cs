using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>
/// Every shape of object that a deployment sends: of each runtime, kind of volume, way to the image and set of names, when it is made, upgraded
/// and stopped, and the pods that empty folders on a share.
/// </summary>
internal static class EveryManifest
{
    private static readonly (string Name, LogVolumes Volumes)[] Volumes =
    [
        ("the default class", new LogVolumes.Claims(null, 1)),
        ("disks", new LogVolumes.Claims(AzureLogVolumes.PremiumDisks, 32_767)),
        ("a share", Specs.Share),
    ];

    private static readonly (string Name, ContainerImage Image, RegistryLogin? Login)[] Images =
    [
        ("pulled with a login", Specs.Image, new RegistryLogin("registry.invalid", "puller", Specs.Password)),
        ("on the nodes", new ContainerImage("perftest:abc", IsPublic: false, IsOnNodes: true), null),
        ("public", new ContainerImage("ambrosia/ambrosia-perftest", IsPublic: true, IsOnNodes: false), null),
    ];

    public static IReadOnlyList<(string Where, KubeObject Object)> All { get; } =
    [
        .. from spec in AllSpecs() from part in Parts(spec.Spec) from item in part.Objects select ($"{spec.Where}, {part.When}: {item.Title}", item),
    ];

    /// <summary>Names as long as settings allow, with the characters that they allow.</summary>
    private static BuildSettings Longest => Specs.Settings with
    {
        ServiceName = "s" + new string('9', 61) + "s",
        LogDirectory = "/A.b_c/@~+%",
        Instances =
        [
            .. Specs.Settings.Instances.Select((instance, i) => instance with { Name = "Z9" + new string("xY"[i], Naming.MaxInstanceLength - 2), SendPort = 21503 }),
        ],
        Images = Specs.Settings.Images with { Platform = "linux/arm64" },
        Kubernetes = Specs.Settings.Kubernetes with
        {
            Namespace = "n" + new string('-', 61) + "n",
            PullSecret = "0" + new string('p', 252),
            ShareSecret = "9." + new string('s', 251),
        },
    };

    private static IEnumerable<(string Where, DeploymentSpec Spec)> AllSpecs() =>
        from settings in new[]
        {
            ("plain", Specs.Settings), ("longest names", Longest), ("a proof's pair", OwnPair.Of(Specs.Settings)), ("a proof's pair of longest names", OwnPair.Of(Longest)),
            ("HelloWorld", ExampleTests.Example("helloworld")), ("PerformanceTest", ExampleTests.Example("performancetest")),
        }
        from runtime in Enum.GetValues<RuntimeKind>()
        from volumes in Volumes
        from image in Images
        select (
            $"{settings.Item1}, {runtime}, {volumes.Name}, {image.Name}",
            new DeploymentSpec(
                settings.Item2 with { Runtime = runtime }, image.Image, volumes.Volumes, Specs.ShareKey, image.Login,
                runtime == RuntimeKind.Ambrosia ? Specs.Connection : null));

    private static IEnumerable<(string When, IEnumerable<KubeObject> Objects)> Parts(DeploymentSpec spec)
    {
        var made = ManifestBuilder.Build(spec);
        yield return ("made", made);

        var older = made.Where(item => item.Kind == "StatefulSet").Select(WithAnotherImage).ToList();
        var plan = KubernetesPlanner.Plan(spec, new ObservedObjects(true, made[0], true, older), fresh: false);
        yield return ("upgraded", plan.Workloads.Select(workload => workload.Wanted!));
        yield return ("stopped", plan.Workloads.Select(ClusterDeployer.Stopped));

        if (spec.IsOnShare)
        {
            yield return (
                "emptied",
                spec.Settings.Instances.Select(instance => KubeObject.Of(LogEraser.Pod(spec, new LogFolder(spec.ServiceName, instance.Name)))));
        }
    }

    private static KubeObject WithAnotherImage(KubeObject statefulSet)
    {
        var live = (JsonObject)statefulSet.Content.DeepClone();
        live["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "registry.invalid/perftest@sha256:" + new string('b', 64);
        return new KubeObject(live);
    }
}
