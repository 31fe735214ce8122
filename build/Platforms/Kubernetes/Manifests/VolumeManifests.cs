using System.Globalization;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// Where the logs of an instance lie. The claim is an object of its own, not a template of the StatefulSet: templates can never be changed
/// there, and a claim outlives its StatefulSet either way.
/// </summary>
public static class VolumeManifests
{
    /// <summary>
    /// What a share's volume and claim call their size. It limits nothing: the share's quota does, and that is Azure's to change. A claim on a
    /// volume that no provisioner made can never be resized, so the quota must not stand there.
    /// </summary>
    private const int NominalGiB = 1;

    /// <param name="statefulSet">Of the instance: whose code the claim records.</param>
    public static IEnumerable<KubeObject> Build(DeploymentSpec spec, InstanceSettings instance, KubeObject statefulSet)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(instance);
        if (spec.Volumes is LogVolumes.AzureFileShare share)
            yield return KubeObject.Of(Volume(spec, instance, share));
        yield return KubeObject.Of(Claim(spec, instance, statefulSet));
    }

    private static V1PersistentVolumeClaim Claim(DeploymentSpec spec, InstanceSettings instance, KubeObject statefulSet)
    {
        var (size, storageClass, volume, mode) = spec.Volumes switch
        {
            LogVolumes.Claims claims => (claims.SizeGiB, claims.StorageClass, null, "ReadWriteOnce"),
            LogVolumes.AzureFileShare => (NominalGiB, "", Naming.Volume(spec.Settings, instance.Name), "ReadWriteMany"),
            var other => throw new InvalidOperationException($"No claims for {other}."),
        };
        var metadata = Metadata(spec, instance, Naming.Claim(instance.Name));
        if (WriterOf(spec, statefulSet) is { } writer)
            metadata.Annotations = new Dictionary<string, string> { [Naming.LogCodeAnnotation] = new LogWriters([writer]).ToString() };
        return new V1PersistentVolumeClaim
        {
            ApiVersion = "v1",
            Kind = "PersistentVolumeClaim",
            Metadata = metadata,
            Spec = new V1PersistentVolumeClaimSpec
            {
                AccessModes = [mode],
                StorageClassName = storageClass,
                VolumeName = volume,
                Resources = new V1VolumeResourceRequirements { Requests = Storage(size) },
            },
        };
    }

    /// <summary>Not of Microsoft's runtime: it takes no checkpoint on demand, and its being ready says nothing of its log.</summary>
    private static LogWriter? WriterOf(DeploymentSpec spec, KubeObject statefulSet) =>
        spec.IsOriginalRuntime || spec.Image is null ? null : LogWriter.Of(statefulSet);

    /// <summary>
    /// Static, with the account named: the driver's inline volumes are fragile (kubernetes-sigs/azurefile-csi-driver#3076, #1078). The folder is
    /// made by the kubelet (subPath): the driver's own folderName must exist beforehand.
    /// </summary>
    private static V1PersistentVolume Volume(DeploymentSpec spec, InstanceSettings instance, LogVolumes.AzureFileShare share)
    {
        var name = Naming.Volume(spec.Settings, instance.Name);
        var owner = InstanceManifests.UserId(spec);
        var metadata = Metadata(spec, instance, name);
        metadata.NamespaceProperty = null;
        return new V1PersistentVolume
        {
            ApiVersion = "v1",
            Kind = "PersistentVolume",
            Metadata = metadata,
            Spec = new V1PersistentVolumeSpec
            {
                AccessModes = ["ReadWriteMany"],
                Capacity = Storage(NominalGiB),
                PersistentVolumeReclaimPolicy = "Retain",
                StorageClassName = "",
                ClaimRef = new V1ObjectReference
                {
                    ApiVersion = "v1",
                    Kind = "PersistentVolumeClaim",
                    Name = Naming.Claim(instance.Name),
                    NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                },
                // Neither nobrl, which keeps locks off the server, nor nostrictsync, which makes a flush lie (kubernetes/kubernetes#59755,
                // #61767). actimeo: the driver's default lets a node believe 30 s in what another has changed. nosharesock: a mount of its own
                // connection, so that after a change of the key none goes on with the old one's.
                MountOptions =
                [
                    $"uid={owner}", $"gid={owner}", "dir_mode=0770", "file_mode=0660", "actimeo=1", "nosharesock",
                ],
                Csi = new V1CSIPersistentVolumeSource
                {
                    Driver = "file.csi.azure.com",
                    VolumeHandle = name,
                    VolumeAttributes = new Dictionary<string, string>
                    {
                        ["resourceGroup"] = share.ResourceGroup,
                        ["storageAccount"] = share.Account,
                        ["shareName"] = share.Share,
                        ["server"] = share.Server,
                        ["protocol"] = "smb",
                    },
                    // The Secret is looked for in its own namespace alone: Azure/AKS#2108.
                    NodeStageSecretRef = new V1SecretReference
                    {
                        Name = spec.Settings.Kubernetes.ShareSecret,
                        NamespaceProperty = spec.Settings.Kubernetes.Namespace,
                    },
                },
            },
        };
    }

    private static V1ObjectMeta Metadata(DeploymentSpec spec, InstanceSettings instance, string name) => new()
    {
        Name = name,
        NamespaceProperty = spec.Settings.Kubernetes.Namespace,
        Labels = Naming.Labels(spec.ServiceName, instance.Name, Naming.LogsComponent).ToDictionary(),
    };

    private static Dictionary<string, ResourceQuantity> Storage(int gib) => new()
    {
        ["storage"] = new ResourceQuantity(string.Create(CultureInfo.InvariantCulture, $"{gib}Gi")),
    };
}
