using System.Text.Json.Nodes;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>A volume on a file share, and the claim that it is made for.</summary>
internal static class VolumeManifests
{
    public static string List(string share) => Manifests.List(
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolume",
            ["metadata"] = new JsonObject { ["name"] = "ambrosia-data", ["labels"] = Manifests.Labels },
            ["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteMany"),
                ["capacity"] = new JsonObject { ["storage"] = "1Gi" },
                ["storageClassName"] = "",
                ["persistentVolumeReclaimPolicy"] = "Retain",
                ["claimRef"] = new JsonObject { ["namespace"] = "ambrosia", ["name"] = "data" },
                ["csi"] = new JsonObject
                {
                    ["driver"] = "file.csi.azure.com",
                    ["volumeHandle"] = $"account#{share}#",
                    ["volumeAttributes"] = new JsonObject { ["shareName"] = share },
                },
            },
        },
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["metadata"] = new JsonObject { ["name"] = "data", ["namespace"] = "ambrosia", ["labels"] = Manifests.Labels },
            ["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteMany"),
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
                ["storageClassName"] = "",
                ["volumeName"] = "ambrosia-data",
            },
        });
}
