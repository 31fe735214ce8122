namespace Ambrosia.Build.Cli;

/// <summary>A program that a deployment needs, and from which version on.</summary>
/// <param name="Minimum">The oldest version that was tried.</param>
public sealed record ToolRequirement(string Name, Version Minimum, string Remedy)
{
    /// <summary>2.45 is what Debian 12 has; <c>az login --federated-token</c> is older.</summary>
    public static readonly ToolRequirement Az = new(
        "az", new Version(2, 45), "update the Azure CLI: az upgrade, or https://learn.microsoft.com/cli/azure/install-azure-cli");

    public static readonly ToolRequirement Kubectl = new(
        "kubectl", new Version(1, 31), "install kubectl 1.31 or newer: https://kubernetes.io/docs/tasks/tools/");

    public static readonly ToolRequirement Docker = new(
        "docker", new Version(20, 10), "install Docker 20.10 or newer: https://docs.docker.com/get-docker/");
}
