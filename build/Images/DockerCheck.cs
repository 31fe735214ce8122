using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Images;

/// <summary>Whether images can be built here for the cluster's processors. Pure.</summary>
public static class DockerCheck
{
    private static readonly string[] Provisioning = [nameof(ProvisionStorage), nameof(ProvisionAcr), nameof(ProvisionAks)];

    /// <summary>
    /// To build an image, and to register instances of the original runtime, which runs in a container. Not on a machine that only provisions,
    /// or deploys (<c>--exclusive</c>) what another has pushed.
    /// </summary>
    public static bool IsNeeded(BuildSettings settings, RunScope scope)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(scope);
        var registers = settings.Runtime == RuntimeKind.Ambrosia;
        if (settings.Images.Public is not null && !registers)
            return false;
        if (scope.Includes(nameof(Doctor)) || scope.Includes(nameof(BuildImages)) || scope.Includes(nameof(Push)))
            return true;
        if (scope.Includes(nameof(Deploy)))
            return registers;
        return !Provisioning.Any(scope.Includes);
    }

    /// <param name="platform">images.platform, such as <c>linux/amd64</c>.</param>
    /// <returns>Of the client, and where that will do of the daemon.</returns>
    public static IReadOnlyList<Finding> Judge(DockerState docker, string platform)
    {
        ArgumentNullException.ThrowIfNull(docker);
        return docker.Client.Problem() is null ? [Finding.Of(docker.Client), Daemon(docker, platform)] : [Finding.Of(docker.Client)];
    }

    private static Finding Daemon(DockerState docker, string platform)
    {
        if (docker.DaemonPlatform is not { } daemon)
        {
            return new Finding(
                FindingSeverity.Error, "docker daemon", $"no daemon answers: {docker.DaemonFailure}",
                "start Docker, or set DOCKER_HOST to a daemon that runs; or set images.public to a published image");
        }

        var subject = $"docker daemon {docker.DaemonVersion}";
        return daemon == platform
            ? new Finding(FindingSeverity.Good, subject, $"builds {platform}")
            : new Finding(
                FindingSeverity.Warning, subject, $"runs on {daemon}, images are built for {platform}: what a build runs in a container is emulated, which is slow or fails with 'exec format error'",
                $"install the emulation: docker run --privileged --rm tonistiigi/binfmt --install {platform.Split('/')[^1]}; or build on a machine of that kind");
    }
}
