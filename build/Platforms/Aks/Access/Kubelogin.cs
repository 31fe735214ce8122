using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>The program through which kubectl logs in to a cluster with Entra identities, with or without local accounts.</summary>
internal static class Kubelogin
{
    public const string Remedy = "install kubelogin: az aks install-cli (or https://azure.github.io/kubelogin/install.html)";

    public static BuildException Missing(string cluster) => new(
        ErrorCode.ToolMissing, $"Cluster {cluster} is entered with Entra identities, and kubelogin, through which kubectl logs in with them, was not found.",
        remedy: Remedy);
}
