using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Tools;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>Whether images can be built here for the cluster's processors.</summary>
public static class DockerCheck
{
    /// <param name="platform">images.platform, such as <c>linux/amd64</c>.</param>
    public static IReadOnlyList<Finding> Judge(DockerState docker, string platform)
    {
        ArgumentNullException.ThrowIfNull(docker);
        if (docker.Client.Problem() is not null)
            return []; // told of as a missing tool
        if (docker.DaemonPlatform is not { } daemon)
        {
            return [new Finding(
                FindingSeverity.Error, "docker daemon", $"no daemon answers: {docker.DaemonFailure}",
                "start Docker, or set DOCKER_HOST to a daemon that runs; or set images.public to a published image")];
        }

        var subject = $"docker daemon {docker.DaemonVersion}";
        return daemon == platform
            ? [new Finding(FindingSeverity.Good, subject, $"builds {platform}")]
            : [new Finding(
                FindingSeverity.Warning, subject, $"runs on {daemon}, images are built for {platform}: what a build runs in a container is emulated, which is slow or fails with 'exec format error'",
                $"install the emulation: docker run --privileged --rm tonistiigi/binfmt --install {platform.Split('/')[^1]}; or build on a machine of that kind")];
    }
}
