using Ambrosia.Build.Errors;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>From the settings to the objects of a deployment, in the order in which they are applied. Pure.</summary>
public static class ManifestBuilder
{
    /// <exception cref="BuildException">AMB1013: two objects or two volumes would have the same place, or a name is too long.</exception>
    public static IReadOnlyList<KubeObject> Build(DeploymentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        RefuseCollisions(spec);
        List<KubeObject> objects = [Namespace(spec)];
        objects.AddRange(SecretManifests.Build(spec));
        var workloads = spec.Settings.Instances
            .Select(instance => (Instance: instance, StatefulSet: KubeObject.Of(InstanceManifests.StatefulSet(spec, instance)))).ToList();
        foreach (var (instance, statefulSet) in workloads)
            objects.AddRange(VolumeManifests.Build(spec, instance, statefulSet));
        foreach (var (instance, statefulSet) in workloads)
        {
            objects.Add(KubeObject.Of(InstanceManifests.Service(spec, instance)));
            objects.Add(statefulSet);
        }

        return objects;
    }

    private static KubeObject Namespace(DeploymentSpec spec) => KubeObject.Of(new V1Namespace
    {
        ApiVersion = "v1",
        Kind = "Namespace",
        Metadata = new V1ObjectMeta
        {
            Name = spec.Settings.Kubernetes.Namespace,
            Labels = Naming.Labels(spec.ServiceName, Naming.AccessComponent).ToDictionary(),
        },
    });

    private static void RefuseCollisions(DeploymentSpec spec)
    {
        var collision = spec.Settings.Instances.GroupBy(instance => Naming.Object(instance.Name)).FirstOrDefault(group => group.Count() > 1);
        if (collision is not null)
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue,
                $"The instances {string.Join(" and ", collision.Select(instance => instance.Name))} would both be {collision.Key} in the cluster.",
                "object names know no upper case", "rename one of them");
        }

        if (spec.IsOnShare && spec.Settings.Kubernetes.ShareSecret == spec.Settings.Kubernetes.PullSecret)
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue,
                $"kubernetes.secrets.pull and kubernetes.secrets.share are both {spec.Settings.Kubernetes.PullSecret}.", remedy: "give each a name of its own");
        }

        if (!spec.IsOriginalRuntime && spec.Settings.LogDirectory == InstanceManifests.TemporaryDirectory)
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue,
                $"logDirectory is {InstanceManifests.TemporaryDirectory}.", "a pod has a volume of its own there already", "choose another directory, such as /ambrosia_logs");
        }
    }
}
