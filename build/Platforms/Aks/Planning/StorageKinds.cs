namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>Values of <c>azure.storage.kind</c>.</summary>
internal static class StorageKinds
{
    public const string FileShare = "fileShare";

    public const string Disk = "disk";
}
