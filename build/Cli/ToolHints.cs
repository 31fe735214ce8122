namespace Ambrosia.Build.Cli;

/// <summary>What to do when a program is not there.</summary>
internal static class ToolHints
{
    public static string For(string tool) => System.IO.Path.GetFileNameWithoutExtension(tool) switch
    {
        "az" => "install the Azure CLI: https://learn.microsoft.com/cli/azure/install-azure-cli",
        "docker" => "install Docker (or a program that serves its command line): https://docs.docker.com/get-docker/",
        "kubectl" => "install kubectl 1.31 or newer: https://kubernetes.io/docs/tasks/tools/",
        "dotnet" => "install the .NET SDK that global.json names: https://dotnet.microsoft.com/download",
        "kind" => "install kind: https://kind.sigs.k8s.io/docs/user/quick-start/",
        "minikube" => "install minikube: https://minikube.sigs.k8s.io/docs/start/",
        "git" => "install Git: https://git-scm.com/downloads",
        "ImmortalCoordinator" or "Job" or "Server" => "build the service: ./build.sh --target=BuildImages",
        var name => $"install {name}, or add its directory to PATH",
    };
}
