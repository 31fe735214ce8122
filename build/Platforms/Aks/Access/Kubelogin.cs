using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>The program through which kubectl logs in to a cluster that knows Entra identities alone.</summary>
internal static class Kubelogin
{
    public const string Remedy = "install kubelogin: az aks install-cli (or https://azure.github.io/kubelogin/install.html)";

    public static BuildException Missing(string cluster) => new(
        ErrorCode.ToolMissing, $"Cluster {cluster} has no local accounts, and kubelogin, through which kubectl logs in with Entra, was not found.",
        remedy: Remedy);
}
