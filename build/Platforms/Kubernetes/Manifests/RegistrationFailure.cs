using System.Globalization;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>From the end of <c>docker run</c> with Microsoft's runtime to the likely cause and what to do. A pure function.</summary>
public static class RegistrationFailure
{
    // docker's own exit codes: https://docs.docker.com/engine/containers/run/#exit-status
    private const int DockerFailed = 125, CannotBeStarted = 126, NotThere = 127;

    /// <param name="output">Of docker and of what ran, without secrets.</param>
    public static BuildException Explain(string instance, string image, int exitCode, string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var what = string.Create(CultureInfo.InvariantCulture, $"{instance} was not registered: docker run {image} Ambrosia RegisterInstance ended with exit code {exitCode}.");
        var tail = OutputTail.Of(output);
        return exitCode switch
        {
            DockerFailed => DockerFailure.Explain($"docker run {image}, which registers {instance},", ErrorCode.ImageNotFound, output),
            CannotBeStarted or NotThere => new BuildException(
                ErrorCode.ToolFailed, what, "the image has no program Ambrosia that can run here",
                "let images.public or images.base name Microsoft's ambrosia/ambrosia-dev, or an image built on it", tail),
            _ => new BuildException(
                ErrorCode.ToolFailed, what, "Microsoft's runtime refused, or did not reach the storage account of the connection string; it says which",
                "check the connection string, and that containers of this machine reach that account; then run again", tail),
        };
    }
}
