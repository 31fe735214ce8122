namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>A cluster whose API server has no public address.</summary>
internal static class PrivateCluster
{
    public const string Remedy =
        "Deploy and Verify must run where its virtual network is reachable, such as a machine or CI runner inside it, or over a VPN";
}
